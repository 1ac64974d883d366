"""Bad readings on their whole way, from frames by journal, store and means to AQI and ranking:
each has a mark, and none is a number that nobody can see through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hub_rig import append, good, lane
from ingest_rig import drain, ingest
from quality_rig import new_store, put

from aqi.factors import pollutant_of
from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.devices import Devices
from hj212d.hub.means.asking import Means, MeansQuestion
from hj212d.hub.means.marking import Marks
from hj212d.hub.means.rolling import Rolling
from hj212d.hub.means.roster import Roster
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.questions import AqiQuestion, EvaluationQuestion, RankQuestion
from hj212d.hub.quality.settings import QualitySettings
from hj212d.hub.site_book import SiteBook
from hj212d.journal.record import Record
from hj212d.wire import build
from store.duckdb_store import DuckDBStore
from store.registry.decisions import ReviewRecord
from store.timeseries import SampleQuery

BEIJING = timedelta(hours=8)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODAY = datetime(2026, 10, 9)  # in Beijing
PM25, PM10, SO2, NO2, CO, O3 = "a34004", "a34002", "a21026", "a21004", "a21005", "a05024"
CLEAN = {PM25: "20", PM10: "40", SO2: "6", NO2: "20", CO: "0.5", O3: "60"}


class Province:
    """Stations, and a hub that hears them. Moments are those of Beijing."""

    def __init__(self, store: DuckDBStore, data: Path, settings: MeansSettings) -> None:
        self.store = store
        self.marks = Marks()
        self.marks.take([])
        self.sites: dict[str, SiteSettings] = {}
        self.settings = settings
        self.now = TODAY
        self._data = data
        self._sent: list[Record] = []
        self._number = 0

    def site(self, mn: str, **more: Any) -> None:
        """Tell of a site; one of the air in 330100 unless said otherwise."""
        known = {"region": "330100", "medium": "air", **more}
        self.sites[mn] = SiteSettings(mn=mn, **known)

    def send(
        self,
        mn: str,
        at: datetime,
        values: Mapping[str, str],
        cn: str = "2061",
        *,
        received: datetime | None = None,
        flag: str = "N",
    ) -> None:
        """A frame of these values, received an hour later unless said otherwise."""
        suffix = "Rtd" if cn == "2011" else "Avg"
        self._number += 1
        cp = ";".join(
            f"{code}-{suffix}={text},{code}-Flag={flag}" for code, text in values.items()
        )
        raw = build.frame(
            build.segment(
                qn=f"{at:%Y%m%d%H%M%S}{self._number % 1000:03d}",
                st="22",
                cn=cn,
                pw="123456",
                mn=mn,
                flag=5,
                cp=f"DataTime={at:%Y%m%d%H%M%S};{cp}",
            )
        )
        when = (received or at + HOUR) - BEIJING + timedelta(milliseconds=self._number)
        self._sent.append(
            good(
                raw.removesuffix(b"\r\n"), time_us=int(when.replace(tzinfo=UTC).timestamp() * 1e6)
            )
        )

    def day(self, mn: str, first: datetime = TODAY, days: int = 1, **instead: str) -> None:
        """Clean hours of all six for some days; ``instead``: other values by code."""
        for number in range(24 * days):
            self.send(mn, first + number * HOUR, {**CLEAN, **instead})

    def roll(self, now: datetime) -> None:
        """Store what was sent, and roll up all that is over by then."""
        self.now = now
        with lane(self._data, "0") as writer:
            append(writer, self._sent)
        self._sent.clear()
        with ingest(self._data, self.store) as running:
            drain(running)
        at = now - BEIJING
        roster = Roster(self.store, self._book(), self.settings)
        rolling = Rolling(self.store, roster, self.marks, self.settings, lambda: at)
        while rolling.step(at):
            pass

    def means(self, level: Any, start: datetime, end: datetime, **more: Any) -> list[dict]:
        """Rows of MEANS."""
        question = MeansQuestion(level, start - BEIJING, end - BEIJING, **more)
        return self._means().table(question).to_pylist()

    def one(self, mn: str, at: datetime = TODAY, factor: str = PM25, level: str = "hour") -> dict:
        """The row of an hour or day of one factor."""
        stats = ("mean",)
        (row,) = self.means(
            level, at, at + (HOUR if level == "hour" else DAY),
            mns=(mn,), factors=(factor,), stats=stats,
        )  # fmt: skip
        return row

    def quality(self) -> Quality:
        """Questions of air quality."""
        return Quality(self._means(), self._book(), QualitySettings(), lambda *_: [])

    def aqi(
        self, place: str, level: Any = "day", start: datetime = TODAY, length: timedelta = DAY
    ) -> list[dict[str, Any]]:
        """Rows of the AQI."""
        begun = start - BEIJING
        return self.quality().aqi(AqiQuestion((place,), level, begun, begun + length)).to_pylist()

    def rank(
        self, *places: str, start: datetime = TODAY, days: int = 1, **more: Any
    ) -> list[dict[str, Any]]:
        """Rows of a ranking."""
        begun = start - BEIJING
        return (
            self.quality()
            .rank(RankQuestion(places, begun, begun + days * DAY, **more))
            .to_pylist()
        )

    def _means(self) -> Means:
        return Means(self.store, self._book(), self.settings, lambda: 0)

    def _book(self) -> SiteBook:
        return SiteBook(Devices([]), list(self.sites.values()))


@pytest.fixture
def province(store: DuckDBStore, tmp_path: Path) -> Province:
    """One without stations."""
    return Province(store, tmp_path / "data", MeansSettings(first_days=1))


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("-5", "negative"),
        ("-9999", "negative"),
        ("1e12", "absurd"),
        ("1000000000000", "absurd"),
        ("9999.99", "absurd"),
        ("-1e300", "absurd"),
        ("NaN", "none"),
        ("--", "none"),
        ("", "none"),
    ],
)
def test_a_number_that_is_none_is_a_mark(province: Province, text: str, mark: str) -> None:
    """As an hour of its own: no value, no sub-index, nothing to rank, and why."""
    province.site("A")
    province.day("A", **{PM25: text})
    province.roll(TODAY + DAY + HOUR)
    for level in ("hour", "day"):
        row = province.one("A", level=level)
        assert (row["mark"], row["computed"]) == (mark, None)
    (row,) = province.aqi("A")
    assert (row["pm25"], row["pm25_iaqi"], row["mark"]) == (None, None, f"PM2.5:{mark}")
    assert (row["missing"], row["published_aqi"]) == ("PM2.5", "NA")
    assert (row["revision"], row["as_of"]) == (1, province.now - BEIJING)
    (row,) = province.rank("A")
    assert (row["rank"], row["value"], row["pm25"]) == (None, None, None)
    assert row["mark"].startswith("PM2.5:")


def test_one_bad_value_among_good_ones_is_left_out(province: Province) -> None:
    """An hour of real-time values: the mean of the others, counted."""
    province.site("A")
    bad = {3: "-1e300", 20: "9999.99", 21: "1e12", 22: "", 40: "NaN"}
    for minute in range(1, 61):
        at = TODAY + timedelta(minutes=minute)
        province.send("A", at, {PM25: bad.get(minute, "30.5")}, "2011", received=at)
    province.roll(TODAY + 2 * HOUR)
    row = province.one("A")
    assert (row["value"], row["mark"], row["n"], row["need"]) == (30.5, "", 55, 45)
    assert (row["min"], row["max"]) == (30.5, 30.5)
    stored = province.store.samples(SampleQuery("A", PM25))["rtd"].to_pylist()
    assert 9999.99 in stored
    assert 1e12 in stored


def test_what_comes_twice_late_and_in_any_order(province: Province) -> None:
    """The same value again changes nothing; another one received later stays, whatever comes
    first; each change is a revision."""
    province.site("A")
    for number in reversed(range(24)):
        at = TODAY + number * HOUR
        province.send("A", at, {PM25: "20"}, received=TODAY + DAY)
        province.send("A", at, {PM25: "20"}, received=TODAY + DAY)
    province.roll(TODAY + DAY + 2 * HOUR)
    first = province.one("A", level="day")
    assert (first["value"], first["n"], first["revision"]) == (20.0, 24, 1)
    province.send("A", TODAY, {PM25: "20"}, received=TODAY + DAY + 3 * HOUR)
    province.roll(TODAY + DAY + 4 * HOUR)
    assert province.one("A", level="day") == first
    province.send("A", TODAY, {PM25: "44"}, received=TODAY + DAY + 5 * HOUR)
    province.roll(TODAY + DAY + 6 * HOUR)
    again = province.one("A", level="day")
    assert (again["value"], again["revision"], again["as_of"]) == (
        21.0,
        2,
        province.now - BEIJING,
    )
    assert province.one("A", TODAY)["revision"] == 2
    assert province.one("A", TODAY + HOUR)["revision"] == 1


def test_an_instruments_day_sent_twice(province: Province) -> None:
    """Two 2031 of one day with different values: the later one stands beside ours; where there are
    no hours it is the day's value and says so."""
    province.site("A")
    province.day("A")
    for mn in ("A", "B"):
        province.send(mn, TODAY, {PM25: "55"}, "2031", received=TODAY + DAY)
        province.send(mn, TODAY, {PM25: "57"}, "2031", received=TODAY + DAY + timedelta(minutes=1))
    province.roll(TODAY + DAY + HOUR)
    row = province.one("A", level="day")
    assert (row["value"], row["source"], row["reported"]) == (20.0, "hour", 57.0)
    row = province.one("B", level="day")
    assert (row["value"], row["source"], row["reported"], row["computed"]) == (
        57.0,
        "reported",
        57.0,
        None,
    )


def test_a_clock_ahead_is_no_measurement(province: Province) -> None:
    """Hours of the future are marked as such when their time has come; a real value that comes
    then takes their place."""
    province.site("A")
    for number in range(24):
        province.send("A", TODAY + number * HOUR, {PM25: "20"}, received=TODAY - 3 * HOUR)
    province.roll(TODAY + DAY + HOUR)
    row = province.one("A", level="day")
    assert (row["value"], row["mark"]) == (None, "future")
    (row,) = province.aqi("A")
    assert "PM2.5:future" in row["mark"].split(";")
    province.send("A", TODAY, {PM25: "21"}, received=TODAY + DAY + 2 * HOUR)
    province.roll(TODAY + DAY + 3 * HOUR)
    assert (province.one("A")["value"], province.one("A")["mark"]) == (21.0, "")


def test_marked_by_the_instrument_and_by_people(province: Province) -> None:
    """Two different marks of two hours, and a day of the 22 others; each hour is named."""
    province.site("A")
    province.day("A")
    province.send("A", TODAY + HOUR, CLEAN, flag="D", received=TODAY + 3 * HOUR)
    start = TODAY + 2 * HOUR - BEIJING
    mark = ReviewRecord(
        id=1,
        mn="A",
        start=start.replace(tzinfo=UTC),
        end=(start + HOUR).replace(tzinfo=UTC),
        change=1,
    )
    province.marks.take([mark])
    province.roll(TODAY + DAY + HOUR)
    rows = [province.one("A", TODAY + number * HOUR) for number in range(4)]
    assert [row["mark"] for row in rows] == ["", "flag", "review", ""]
    assert [row["value"] for row in rows] == [20.0, None, None, 20.0]
    row = province.one("A", level="day")
    assert (row["value"], row["mark"], row["n"]) == (20.0, "", 22)


@pytest.mark.parametrize(
    ("unit", "sent", "found", "mark"),
    [
        ("mg/m3", "0.0355", 35.5, ""),
        ("毫克/立方米", "0.0355", 35.5, ""),
        ("ppb", "35.5", None, "PM2.5:unit"),
        ("furlong", "35.5", None, "PM2.5:unit"),
        ("dB", "35.5", None, "PM2.5:unit"),
        ("mg/m3", "355", None, "PM2.5:absurd"),
    ],
)
def test_a_factor_in_another_unit(
    province: Province, unit: str, sent: str, found: float | None, mark: str
) -> None:
    """It is converted, or there is no value and the mark says that it is the unit."""
    province.site("A", units={PM25: unit})
    province.day("A", **{PM25: sent})
    province.roll(TODAY + DAY + HOUR)
    for level, length in (("day", DAY), ("hour", HOUR)):
        (row,) = province.aqi("A", level, length=length)
        assert (row["pm25"], row["mark"]) == (found, mark)
    (row,) = province.rank("A")
    assert ("PM2.5" in row["mark"]) == (found is None)
    assert row["pm25"] == found


def test_a_station_without_an_item(province: Province) -> None:
    """Outside of the programme it counts as missing, never as zero: the index is withheld."""
    province.site("A", programme=["PM2.5", "PM10", "SO2", "NO2", "O3"])
    for number in range(24):
        some = {code: text for code, text in CLEAN.items() if code != CO}
        province.send("A", TODAY + number * HOUR, some)
    province.roll(TODAY + DAY + HOUR)
    (row,) = province.aqi("A")
    assert (row["co"], row["co_iaqi"], row["mark"]) == (None, None, "CO:none")
    assert row["published_aqi"] == "NA"
    (row,) = province.rank("A")
    assert (row["rank"], row["value"], row["mark"]) == (None, None, "CO:none")


@pytest.mark.parametrize("role", ["control", "other", None])
def test_a_region_without_assessed_sites(province: Province, role: str | None) -> None:
    """Control sites are none; a region of nobody has no value, and says so."""
    province.site("B", region="330200")
    if role:
        province.site("A", role=role)
    province.day("A")
    province.day("B")
    province.roll(TODAY + DAY + HOUR)
    for level, length in (("day", DAY), ("hour", HOUR)):
        (row,) = province.aqi("region:330100", level, length=length)
        assert (row["aqi"], row["published_aqi"], row["sites"]) == (None, "NA", 0)
        assert row["mark"].startswith("PM2.5:none;PM10:none")
        assert (row["revision"], row["as_of"]) == (0, None)
    rows = province.rank("region:330100", "region:330200")
    assert [(row["place"], row["rank"], row["of"]) for row in rows] == [
        ("region:330200", 1, 1),
        ("region:330100", None, 1),
    ]


@pytest.mark.parametrize("medium", ["flue", "dust", "water"])
def test_who_is_no_station_of_the_air_is_not_ranked(province: Province, medium: str) -> None:
    """A stack has sulphur dioxide too, and no index: the question is refused, by name."""
    province.site("A")
    province.site("stack", medium=medium)
    province.day("A")
    province.day("stack")
    province.roll(TODAY + DAY + HOUR)
    for ask in (province.rank, province.aqi):
        with pytest.raises(ValueError, match="stack"):
            ask("stack")


def test_who_is_not_known_has_no_index(province: Province) -> None:
    """An MN that nobody told of, and of which nothing came: marks, no rank."""
    province.site("A")
    province.day("A")
    province.roll(TODAY + DAY + HOUR)
    rows = province.rank("A", "nobody")
    assert [(row["place"], row["rank"]) for row in rows] == [("A", 1), ("nobody", None)]
    assert rows[1]["mark"].startswith("PM2.5:none")


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """One with the days of February 2026, of twenty days of March, and of none of April."""
    folder = tmp_path_factory.mktemp("long")
    store = new_store(folder)
    found = Province(store, folder / "data", MeansSettings())  # type: ignore[arg-type]
    found.site("A")
    clean = {pollutant_of(code) or "": np.full(28 + 20, float(CLEAN[code])) for code in CLEAN}
    put(store, "day", date(2026, 2, 1), {"A": clean})
    yield found
    store.close()


def days_of(long: Province, level: str, start: datetime, end: datetime) -> list[tuple[Any, ...]]:
    rows = long.means(level, start, end, mns=("A",), factors=(PM25,))
    return [(row["mark"], row["n"], row["need"], row["value"]) for row in rows]


def test_a_month_with_twenty_days(long: Province) -> None:
    """Its mean is there, and marked; a month without a day has no row; a quarter needs each."""
    assert days_of(long, "month", datetime(2026, 2, 1), datetime(2026, 5, 1)) == [
        ("", 28, 25, 20.0),
        ("short", 20, 27, 20.0),
    ]
    assert days_of(long, "quarter", datetime(2026, 1, 1), datetime(2026, 4, 1)) == [
        ("short", 48, 79, 20.0)
    ]
    assert days_of(long, "year", datetime(2026, 1, 1), datetime(2027, 1, 1)) == [
        ("short", 48, 324, 20.0)
    ]


def test_a_ranking_of_too_few_days_has_no_rank(long: Province) -> None:
    """The index of March is not ranked, that of February is."""
    (row,) = long.rank("A", start=datetime(2026, 3, 1), days=31)
    assert (row["rank"], row["n"], row["need"], row["index"]) == (None, 20, 27, None)
    assert "PM2.5:short" in row["mark"]


def test_a_span_over_the_change_of_standards(long: Province) -> None:
    """Days by the version of their date, or all by the one that is named; a span without a choice
    says that it crosses."""
    begun = datetime(2026, 2, 27)
    rows = long.aqi("A", "day", begun, 4 * DAY)
    assert [row["standard"] for row in rows] == ["HJ633-2012"] * 2 + ["HJ633-2026"] * 2
    for name in ("HJ633-2012", "HJ633-2026"):
        start = begun - BEIJING
        question = AqiQuestion(("A",), "day", start, start + 4 * DAY, standard=name)  # type: ignore[arg-type]
        found = long.quality().aqi(question)["standard"].to_pylist()
        assert found == [name] * 4
    start = begun - BEIJING
    for standard, marked in (("auto", True), ("old", False), ("new", False)):
        asked = EvaluationQuestion(("A",), start, start + 4 * DAY, standard=standard)  # type: ignore[arg-type]
        marks = {row["mark"] for row in long.quality().evaluate(asked).to_pylist()}
        assert all(("two_standards" in mark) == marked for mark in marks), standard
