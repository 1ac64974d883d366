"""Means of the last hours reach the evaluator, late ones too, and each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from twisted.internet.defer import Deferred, execute

from alerts.rules.book import checked
from alerts.settings import AlertsSettings
from hj212d.hub.alerts import means_feed
from hj212d.hub.alerts.evaluator import Evaluator
from hj212d.hub.alerts.ground import HubGround
from hj212d.hub.alerts.means_feed import Fed, MeansFeed, wanted_by
from hj212d.hub.devices import Devices
from hj212d.hub.means.question import MEANS, MeansQuestion
from hj212d.hub.quality.places_asked import NoSuchPlace
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.quality.tables import AQI_ROWS
from hj212d.hub.site_book import SiteBook
from store.registry.alert_records import RuleRecord
from store.timeseries import StoreUnavailable

T = datetime(2026, 6, 1, 8)
HOUR = timedelta(hours=1)
HOURS = checked(RuleRecord(key="h", kind="over_limit", params={"by": "national"}))
DAYS = checked(RuleRecord(key="d", kind="over_limit", params={"by": "own", "period": "day"}))
AQI = checked(RuleRecord(key="a", kind="over_limit", params={"by": "aqi"}))


class Made:
    """Some means, and what was asked of them."""

    def __init__(self) -> None:
        self.rows: list[tuple[datetime, str, float, datetime]] = []
        self.asked: list[MeansQuestion] = []
        self.away = False

    def table(self, question: MeansQuestion) -> pa.Table:
        """All of them."""
        if self.away:
            raise StoreUnavailable("away")
        self.asked.append(question)
        rows = [
            {
                "start": start,
                "end": start + HOUR,
                "mn": mn,
                "factor": "a34004",
                "stat": "mean",
                "value": value,
                "as_of": as_of,
            }
            for start, mn, value, as_of in self.rows
        ]
        return pa.Table.from_pylist(rows, schema=MEANS)


class Quality:
    """Says the AQI of one station."""

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """One hour, and one without a value."""
        if question.level == "day":
            raise NoSuchPlace("none")
        rows = [
            {"place": mn, "start": T, "end": T + HOUR, "aqi": aqi}
            for mn, aqi in (("A", 151), ("B", None))
        ]
        return pa.Table.from_pylist(rows, schema=AQI_ROWS)


class AtOnce:
    """Work that is done when it is asked for."""

    def defer(self, _: Any, work: Callable[[], Any]) -> Deferred[Any]:
        """Do it."""
        return execute(work)

    def close(self) -> None:
        """Nothing goes on."""


def feed(store: Made, *rules: Any, upto: datetime | None = T + HOUR) -> MeansFeed:
    """For some rules."""
    made = MeansFeed(None, means=store, quality=Quality(), upto=lambda: upto, slow=AtOnce())
    made.wants = wanted_by(rules)
    return made


def values(fed: Fed) -> list[tuple[str, float]]:
    """MN and value of all means."""
    return [(row["mn"], row["value"]) for table in fed.means for row in table.to_pylist()]


def test_each_once() -> None:
    """What was made later comes later, also of an hour that was there before."""
    store = Made()
    store.rows = [(T, "A", 1.0, T + HOUR), (T - HOUR, "A", 2.0, T)]
    means = feed(store, HOURS)
    means.go_on()
    assert values(means.take()) == [("A", 2.0), ("A", 1.0)]
    assert (store.asked[0].start, store.asked[0].end) == (T - 2 * HOUR, T + HOUR)
    means.made()
    assert values(means.take()) == []
    store.rows.append((T, "B", 3.0, T + 2 * HOUR))
    means.made()
    assert values(means.take()) == [("B", 3.0)]


def test_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that frames need not wait; the rows of a station stay together, then comes the AQI."""
    monkeypatch.setattr(means_feed, "AT_ONCE", 2)
    store = Made()
    store.rows = [(T, mn, float(n), T + HOUR) for n, mn in enumerate("ABBBC")]
    aqi = checked(RuleRecord(key="a", kind="over_limit", params={"by": "aqi"}))
    means = feed(store, HOURS, aqi)
    means.go_on()
    assert [mn for mn, _ in values(means.take())] == ["A", "B", "B", "B"]
    means.made()
    assert len(store.asked) == 1
    second = means.take()
    assert ([mn for mn, _ in values(second)], second.aqi) == (["C"], [])
    assert len(means.take().aqi) == 1
    means.go_on()
    assert len(store.asked) == 2


def test_days_are_those_of_beijing() -> None:
    """The last one that is over."""
    store = Made()
    means = feed(store, DAYS)
    means.go_on()
    (asked,) = store.asked
    assert (asked.level, asked.start, asked.end) == (
        "day",
        datetime(2026, 5, 30, 16),
        datetime(2026, 5, 31, 16),
    )


def test_aqi_of_stations() -> None:
    """Where there is one; no station of the air is no error."""
    means = feed(Made(), AQI)
    means.go_on()
    (table,) = means.take().aqi
    assert table.select(["place", "aqi"]).to_pylist() == [{"place": "A", "aqi": 151}]
    days = checked(RuleRecord(key="a", kind="over_limit", params={"by": "aqi", "period": "day"}))
    daily = feed(Made(), days)
    daily.go_on()
    assert daily.take().aqi == []


def test_the_evaluator_takes_them() -> None:
    """Hours above a limit and an AQI above a level, as they come from here."""
    high = checked(
        RuleRecord(key="v", kind="over_limit", params={"by": "value", "high": 5, "in_a_row": 1})
    )
    aqi = checked(
        RuleRecord(key="a", kind="over_limit", params={"by": "aqi", "level": 4, "in_a_row": 1})
    )
    ground = HubGround(SiteBook(Devices([])), lambda: ["A"], lambda: T.date())
    judge = Evaluator([high, aqi], ground, AlertsSettings())
    made = Made()
    made.rows = [(T, "A", 7.0, T + HOUR)]
    means = feed(made, high, aqi)
    means.go_on()
    fed = means.take()
    now = int(T.timestamp() * 1e6)
    signals = [one for table in fed.means for one in judge.hours(table, now)]
    fed = means.take()
    signals += [one for table in fed.aqi for one in judge.aqi(table, now)]
    assert [(one.what, one.rule, one.subject, one.value) for one in signals] == [
        ("raised", "v", "mn:A", 7.0),
        ("raised", "a", "mn:A", 151.0),
    ]


def test_a_store_that_is_away() -> None:
    """It is asked again, and nothing is missing then."""
    store = Made()
    store.rows = [(T, "A", 1.0, T + HOUR)]
    store.away = True
    means = feed(store, HOURS)
    means.go_on()
    assert values(means.take()) == []
    store.away = False
    means.go_on()
    assert values(means.take()) == [("A", 1.0)]
    assert means.faults == 0


def test_nobody_wants_means() -> None:
    """Then nobody is asked; nor while there are none."""
    store = Made()
    for one in (feed(store), feed(store, HOURS, upto=None)):
        one.go_on()
    assert store.asked == []
