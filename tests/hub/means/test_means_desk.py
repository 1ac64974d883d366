"""Answers to the requests about means."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa
import pytest
from field import DAY, HOUR, MIDNIGHT, PM25, Field
from twisted.internet import reactor

from admin.commands import Declined
from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.means.api_window import ApiWindow
from hj212d.hub.means.asking import Means
from hj212d.hub.means.desk import MeansDesk, of_region
from hj212d.hub.means.requests import Means as MeansRequest
from hj212d.hub.means.requests import MeansRecompute
from hj212d.hub.slow_work import SlowWork
from store.means import Store

REGIONS = {"A": "330100", "B": "330200", "C": "330106"}


class Service:
    """The service, as far as the desk asks it."""

    def __init__(self, field: Field) -> None:
        self.rolling = field.rolling
        self.looks = 0

    def look(self) -> None:
        """Counted."""
        self.looks += 1


@pytest.fixture
def field(store: Store) -> Field:
    """Three stations with an hour each."""
    field = Field(store, sites=[SiteSettings(mn, region=code) for mn, code in REGIONS.items()])
    for mn in REGIONS:
        field.send(mn, MIDNIGHT, {PM25: 20.0}, "hour")
    field.arrive()
    field.now = MIDNIGHT + 2 * HOUR
    field.roll()
    return field


@pytest.fixture
def desk(field: Field) -> MeansDesk:
    """Over these."""
    means = Means(field.store, field.sites, field.settings, lambda: 0)
    slow = SlowWork("queries", threads=1, waiting=1, timeout_s=90)
    return MeansDesk(reactor, means, Service(field), field.sites, slow)


def request(**more: Any) -> MeansRequest:
    """Hours of that day."""
    asked = {"op": "means", "level": "hour", "start": "2026-10-09", "end": "2026-10-10"}
    return msgspec.json.decode(msgspec.json.encode(asked | more), type=MeansRequest)


def mns(table: pa.Table) -> list[str]:
    """Whose rows they are."""
    found: list[str] = table["mn"].to_pylist()
    return found


def test_a_region_is_all_below_it(desk: MeansDesk, field: Field) -> None:
    """With stations that are named, those that are in both; times are Beijing's."""
    assert mns(desk.table(request())) == ["A", "B", "C"]
    assert mns(desk.table(request(region="3301"))) == ["A", "C"]
    assert mns(desk.table(request(region="3301", mns=["B", "C"]))) == ["C"]
    assert mns(desk.table(request(region="9"))) == []
    assert of_region(field.sites.sites(), "330106") == ("C",)
    with pytest.raises(ValueError, match="before the end"):
        desk.table(request(end="2026-10-08"))


def test_hours_are_wanted_anew(desk: MeansDesk, field: Field) -> None:
    """Those that are over; the answer says how many."""
    asked = MeansRecompute(start="2026-10-09", end="2026-10-10", mns=("A",))
    assert desk.recompute(asked) == {"hours": 1}
    field.roll()
    assert field.rolling.counts["wanted_hours"] == 1
    with pytest.raises(ValueError, match="before the end"):
        desk.recompute(MeansRecompute(start="2026-10-10", end="2026-10-09"))


def test_the_api_has_the_same_rows_in_beijing_time(
    desk: MeansDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be asked is declined with a sentence."""
    slow = SlowWork("window", threads=1, waiting=1, timeout_s=90)
    window = ApiWindow(reactor, desk, slow)
    asked = {"level": "hour", "start": "2026-10-09", "end": "2026-10-10", "mns": ["A"]}
    (row,) = window.means(asked)
    assert (row["start"], row["value"]) == ("2026-10-09T00:00:00+08:00", 20.0)
    with pytest.raises(Declined, match="before the end"):
        window.means(asked | {"end": "2026-10-01"})
    monkeypatch.setattr("hj212d.hub.means.api_window.MOST_ROWS", 0)
    with pytest.raises(Declined, match="1 rows are more than 0"):
        window.means(asked)
    assert DAY > HOUR
    slow.close()
