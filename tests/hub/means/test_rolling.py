"""Readings rolled up: hours, days, late data, reviews."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from field import DAY, HOUR, MIDNIGHT, O3, PM25, Field

from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.means.rolling import Stretch
from hj212d.hub.means.settings import MeansSettings
from store.means import Store
from store.open import open_store
from store.registry.decisions import SiteRecord
from store.settings import StoreSettings


def two_days(store: Store) -> Field:
    """Two stations with a day of hours each, and the day is over."""
    field = Field(store)
    field.day("A", 10.0)
    field.day("B", 30.0)
    field.arrive()
    field.now = MIDNIGHT + DAY + HOUR
    field.roll()
    return field


def changed(before: dict, after: dict) -> set:
    """Keys of rows that are new or other ones."""
    return {key for key, row in after.items() if before.get(key) != row}


def test_an_hour_is_made_after_its_grace(store: Store) -> None:
    """Not before; with what came until then."""
    field = Field(store)
    field.now = MIDNIGHT + timedelta(minutes=50)
    field.hour("A", MIDNIGHT, 20.0)
    field.arrive()
    field.now = MIDNIGHT + timedelta(hours=1, seconds=299)
    field.roll()
    assert field.derived() == []
    field.now += timedelta(seconds=1)
    field.roll()
    (row,) = field.derived()
    assert (row["start"], row["value"], row["n"], row["source"]) == (
        MIDNIGHT,
        20.0,
        60,
        "realtime",
    )
    assert (row["revision"], row["as_of"], row["mark"]) == (1, field.now, "")


def test_a_day_is_made_when_its_last_hour_is(store: Store) -> None:
    """With the mean of its hours."""
    field = two_days(store)
    rows = {row["mn"]: row for row in field.derived("day")}
    assert (rows["A"]["value"], rows["B"]["value"]) == (21.5, 41.5)
    assert (rows["A"]["n"], rows["A"]["start"]) == (24, MIDNIGHT)


def test_late_data_are_made_exactly_where_they_fall(store: Store) -> None:
    """One hour of one station, its day, and nothing else; once, and not again."""
    field = two_days(store)
    before = field.versions()
    field.send("A", MIDNIGHT + 5 * HOUR, {PM25: 100.0}, "hour")
    field.arrive()
    field.now += timedelta(minutes=1)
    field.roll()
    after = field.versions()
    hour = ("hour", "A", MIDNIGHT + 5 * HOUR, PM25, "mean")
    day = ("day", "A", MIDNIGHT, PM25, "mean")
    assert changed(before, after) == {hour, day}
    assert after[hour] == (100.0, "", 2, field.now)
    assert after[day][0] == pytest.approx((sum(range(10, 34)) - 15 + 100) / 24)
    field.roll()
    field.now += timedelta(minutes=1)
    field.roll()
    assert field.versions() == after


def test_late_data_wait_for_a_step_with_them_or_the_next_hour(store: Store) -> None:
    """What is gathered is made before an hour is, lest it is forgotten or made twice."""
    field = two_days(store)
    before = field.versions()
    field.send("A", MIDNIGHT + 5 * HOUR, {PM25: 100.0}, "hour")
    field.arrive()
    field.now += timedelta(minutes=1)
    assert not field.rolling.step(field.now, late=False)
    assert field.versions() == before
    field.now += HOUR
    assert field.rolling.step(field.now, late=False)
    late = ("hour", "A", MIDNIGHT + 5 * HOUR, PM25, "mean")
    assert field.versions()[late] == (100.0, "", 2, field.now)
    assert field.rolling.counts["late_hours"] == 1


def test_a_hole_that_is_filled_later(store: Store) -> None:
    """A day that was short becomes valid."""
    field = Field(store)
    for number in (*range(10), *range(16, 24)):
        field.send("A", MIDNIGHT + number * HOUR, {PM25: 10.0}, "hour")
    field.arrive()
    field.now = MIDNIGHT + DAY + HOUR
    field.roll()
    (day,) = field.derived("day")
    assert (day["mark"], day["n"], day["revision"]) == ("short", 18, 1)
    for number in range(10, 16):
        field.send("A", MIDNIGHT + number * HOUR, {PM25: 10.0}, "hour")
    field.arrive()
    field.now += HOUR
    field.roll()
    (day,) = field.derived("day")
    assert (day["mark"], day["n"], day["revision"]) == ("", 24, 2)


def test_the_same_data_again_change_nothing(store: Store) -> None:
    """An instrument that sends its history twice."""
    field = two_days(store)
    before = field.versions()
    field.day("A", 10.0)
    field.arrive()
    field.now += HOUR
    field.roll()
    assert field.versions() == before


def test_a_mark_of_a_person_takes_hours_out_and_its_revocation_brings_them_back(
    store: Store,
) -> None:
    """Just these hours, and their day."""
    field = two_days(store)
    before = field.versions()
    start, end = MIDNIGHT + 3 * HOUR, MIDNIGHT + 5 * HOUR
    field.mark(1, "A", start, end, reason="calibration")
    field.now += HOUR
    field.roll()
    after = field.versions()
    hours = {("hour", "A", start + number * HOUR, PM25, "mean") for number in range(2)}
    day = ("day", "A", MIDNIGHT, PM25, "mean")
    new_hours = {key for key in after if key not in before}
    assert new_hours == set()
    assert changed(before, after) == {*hours, day}
    assert {after[hour][:3] for hour in hours} == {(None, "review", 2)}
    (row,) = field.derived("day", mns=("A",))
    assert (row["n"], row["mark"]) == (22, "")
    field.mark(2, "A", start, end, id=1, revoked_at=field.now.astimezone())
    field.roll()
    back = field.versions()
    assert {key: row[:2] for key, row in back.items()} == {
        key: row[:2] for key, row in before.items()
    }
    assert back[day][2] == 3


def test_a_mark_that_lifts_the_instruments_flag(store: Store) -> None:
    """Values that the instrument called invalid count when a person says so."""
    field = Field(store)
    field.send("A", MIDNIGHT, {PM25: 55.0}, "hour", flag="D")
    field.arrive()
    field.now = MIDNIGHT + 2 * HOUR
    field.roll()
    assert [(row["value"], row["mark"]) for row in field.derived()] == [(None, "flag")]
    field.mark(1, "A", MIDNIGHT, MIDNIGHT + HOUR, verdict="valid")
    field.roll()
    assert [(row["value"], row["mark"]) for row in field.derived()] == [(55.0, "")]


class Killed(BaseException):
    """The end of a process, whatever it was doing."""


class Mortal:
    """A store whose hub is killed at its so-manieth writing, before it or just after."""

    def __init__(self, store: Store, at: int, *, after: bool) -> None:
        self._store = store
        self._left = at
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put_derived(self, *args: Any) -> Any:
        """Writes, unless it is the end."""
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Killed
        put = self._store.put_derived(*args)
        if self._left == 0:
            raise Killed
        return put


def with_all_sorts_of_work(store: Store) -> Field:
    """A day and an hour to close; then a late value, and a mark."""
    field = Field(store)
    field.day("A", 10.0)
    field.hour("B", MIDNIGHT, 20.0)
    field.arrive()
    field.now = MIDNIGHT + DAY + 2 * HOUR
    return field


def and_more(field: Field) -> None:
    """What comes when the first is done."""
    field.send("A", MIDNIGHT + 2 * HOUR, {PM25: 90.0}, "hour")
    field.arrive()
    field.mark(1, "A", MIDNIGHT, MIDNIGHT + HOUR)


def test_a_hub_that_is_killed_at_any_writing_loses_nothing(tmp_path: Path) -> None:
    """Before one writing, after the next; another hub goes on, and the rows are those of one that
    was never killed, each made once."""
    found = []
    for at in range(40):
        store = open_store(f"duckdb:///{tmp_path}/{at}.duckdb", StoreSettings())
        field = with_all_sorts_of_work(store)
        field.store = Mortal(store, at, after=bool(at % 2))
        field.start()
        died = False
        for more in (lambda _: None, and_more):
            more(field)
            try:
                field.roll()
            except Killed:
                died = True
                field.store = store
                field.start()
                field.roll()
        found.append(field.versions())
        store.close()
        if at and not died:
            break
    assert 8 < at < 39
    assert found[0]["hour", "A", MIDNIGHT + 2 * HOUR, PM25, "mean"][:3] == (90.0, "", 2)
    assert found[0]["hour", "A", MIDNIGHT, PM25, "mean"][:3] == (None, "review", 2)
    assert found[0]["day", "A", MIDNIGHT, PM25, "mean"][0] == pytest.approx(584 / 23)
    assert [rows == found[0] for rows in found] == [True] * len(found)


def test_days_of_downtime_are_caught_up(store: Store) -> None:
    """Whole days at once, the rest hour by hour."""
    field = Field(store)
    field.now = MIDNIGHT + HOUR
    field.roll()
    for number in range(4):
        field.day("A", 10.0 * number, MIDNIGHT + number * DAY)
    field.arrive()
    field.now = MIDNIGHT + 4 * DAY + 2 * HOUR
    field.start()
    field.roll()
    assert [row["value"] for row in field.derived("day")] == [11.5, 21.5, 31.5, 41.5]
    assert len(field.derived("hour")) == 96
    assert field.rolling.closed_upto == MIDNIGHT + 4 * DAY + HOUR


def test_a_site_that_changes_is_made_anew(store: Store) -> None:
    """When it says that its own hour values do not count, real-time ones do."""
    field = Field(store, MeansSettings(first_days=1, site_days=1))
    field.hour("A", MIDNIGHT, 20.0)
    field.send("A", MIDNIGHT, {PM25: 25.0}, "hour")
    field.hour("B", MIDNIGHT, 40.0)
    field.arrive()
    field.now = MIDNIGHT + 2 * HOUR
    field.roll()
    before = field.versions()
    field.sites.upsert(["A"], [SiteRecord(mn="A", hour_from=["realtime"])])
    field.roll()
    after = field.versions()
    assert changed(before, after) == {("hour", "A", MIDNIGHT, PM25, "mean")}
    assert after["hour", "A", MIDNIGHT, PM25, "mean"][0] == 20.0


def test_instruments_that_stamp_the_end(store: Store) -> None:
    """Their hour 01:00 is the first one of the day."""
    field = Field(store, sites=[SiteSettings("A", stamp="end")])
    field.send("A", MIDNIGHT + HOUR, {PM25: 25.0}, "hour")
    field.arrive()
    field.now = MIDNIGHT + 3 * HOUR
    field.roll()
    assert [row["start"] for row in field.derived()] == [MIDNIGHT]


def test_ozone_and_the_instruments_own_day(store: Store) -> None:
    """MDA8 of hours; the value of CN 2031 beside ours when it comes a little later."""
    field = Field(store)
    field.day("A", 100.0, factor=O3)
    field.arrive()
    field.now = MIDNIGHT + DAY + HOUR
    field.roll()
    field.send("A", MIDNIGHT, {O3: 112.0}, "day")
    field.arrive()
    field.roll()
    rows = {row["stat"]: row for row in field.derived("day")}
    assert rows["mda8"]["value"] == sum(range(116, 124)) / 8
    assert (rows["mean"]["reported"], rows["mean"]["computed"]) == (112.0, 111.5)
    assert (rows["mean"]["value"], rows["mean"]["revision"]) == (111.5, 2)


def test_a_stretch_that_is_wanted_by_hand(store: Store) -> None:
    """Hours before the first ones that were made."""
    field = Field(store, MeansSettings(first_days=0))
    field.now = MIDNIGHT + DAY + 2 * HOUR
    field.day("A", 10.0)
    field.arrive()
    field.roll()
    assert field.derived() == []
    assert field.rolling.want(Stretch(MIDNIGHT, MIDNIGHT + DAY, None)) == 24
    field.roll()
    assert (len(field.derived()), len(field.derived("day"))) == (24, 1)


def test_flags_count_by_medium(store: Store) -> None:
    """What is set by hand (S) counts in the air here, not elsewhere."""
    field = Field(
        store,
        MeansSettings(first_days=1, valid_flags={"air": ["S"]}),
        [SiteSettings("B", medium="flue")],
    )
    for mn in ("A", "B"):
        field.send(mn, MIDNIGHT, {PM25: 25.0}, "hour", flag="S")
    field.arrive()
    field.now = MIDNIGHT + 2 * HOUR
    field.roll()
    assert [(row["mn"], row["mark"]) for row in field.derived()] == [("A", ""), ("B", "flag")]
