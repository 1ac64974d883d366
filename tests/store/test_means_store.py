"""What every engine promises of means: what has changed, revisions, state, forecasts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from batches import NOON, batch, frame, sample

from store.means import (
    DERIVED,
    FORECASTS,
    HOUR_SUMS,
    Cursors,
    DerivedQuery,
    ForecastQuery,
    HourSumsQuery,
    MeansState,
    Put,
    Store,
)

OpenStore = Callable[[], Store]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MIDNIGHT = NOON - 12 * HOUR  # in Beijing
CNS = {"realtime": "2011", "minute": "2051", "hour": "2061", "day": "2031"}
Row = dict[str, Any]


def derived(*rows: Row) -> pa.Table:
    """Rows of DERIVED from the fields that matter."""
    common: Row = {"level": "hour", "start": NOON, "mn": "A", "factor": "a34004", "stat": "mean"}
    common |= {"value": 1.0, "n": 60, "need": 45, "mark": "", "source": "realtime"}
    common |= {"min": None, "max": None, "reported": None, "computed": 1.0, "revision": 9}
    common |= {"as_of": NOON + HOUR}
    return pa.Table.from_pylist([common | row for row in rows], DERIVED)


def kept(store: Store, query: DerivedQuery | None = None, *names: str) -> list[tuple[Any, ...]]:
    """Columns of derived rows, in the order of the answer."""
    table = store.derived(query or DerivedQuery("hour"))
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


class Journal:
    """Sends a store one value at a time, each with a place of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._position = 0

    def send(self, at: datetime, period: str = "realtime", **fields: Any) -> Row:
        """One frame with one value; the frame."""
        self._position += 10
        row = frame(self._position, data_time=at, cn=CNS[period], **fields)
        values = [sample(row, 1.0, period=period)] if row["reason"] == "ok" else []
        self._store.commit(batch([row], values, cursors={"0": self._position + 1}))
        return row


def told(
    store: Store, cursors: Cursors, before: datetime = NOON + DAY, **how: Any
) -> tuple[list[tuple[str, datetime, str]], Cursors]:
    """What has changed, as tuples."""
    table, behind = store.changed(cursors, before, **how)
    return [(row["mn"], row["start"], row["period"]) for row in table.to_pylist()], behind


def test_an_empty_store_has_no_means(store: Store) -> None:
    """Every question has an answer before the first row."""
    assert store.means_state() is None
    assert store.hour_sums(HourSumsQuery(NOON, NOON + HOUR)) == HOUR_SUMS.empty_table()
    assert store.derived(DerivedQuery("day")) == DERIVED.empty_table()
    assert store.forecasts(ForecastQuery()) == FORECASTS.empty_table()
    assert told(store, store.cursors_now()) == ([], Cursors())
    assert store.put_derived(DERIVED.empty_table()) == Put(0, 0)


def test_a_value_belongs_to_the_hour_that_it_ends(store: Store) -> None:
    """Real-time values to (h-1, h], all others to the hour that begins with theirs; where the end
    is stamped to the one before (HJ 212-2017, 6.6.4)."""
    journal = Journal(store)
    for period in CNS:
        journal.send(NOON, period)
    query = HourSumsQuery(NOON - 2 * DAY, NOON + DAY)
    found = store.hour_sums(query)
    starts = dict(zip(found["period"].to_pylist(), found["start"].to_pylist(), strict=True))
    assert starts == {"realtime": NOON - HOUR, "minute": NOON, "hour": NOON}
    (day,) = store.day_reports(query).to_pylist()
    assert (day["start"], day["period"], day["n"]) == (MIDNIGHT, "day", 1)
    (minute,) = store.minute_sums(query).to_pylist()
    assert (minute["start"], minute["minutes"]) == (NOON - MINUTE, 1)
    ended = HourSumsQuery(NOON - 2 * DAY, NOON + DAY, end_stamped=("A",))
    assert set(store.hour_sums(ended)["start"].to_pylist()) == {NOON - HOUR}
    assert store.day_reports(ended)["start"].to_pylist() == [MIDNIGHT - DAY]


def test_what_was_stored_since_is_told_once(store: Store) -> None:
    """Each hour once, however many values it got; the next time only what is new."""
    journal = Journal(store)
    journal.send(NOON)
    journal.send(NOON + MINUTE)
    journal.send(NOON + 2 * MINUTE)
    first, cursors = told(store, Cursors())
    assert first == [("A", NOON - HOUR, "hour"), ("A", NOON, "hour")]
    assert told(store, cursors) == ([], cursors)
    journal.send(NOON + 3 * MINUTE, mn="B")
    assert told(store, cursors)[0] == [("B", NOON, "hour")]


def test_day_values_are_told_as_such(store: Store) -> None:
    """A frame of CN 2031 touches its Beijing day; where the end is stamped the day before."""
    Journal(store).send(MIDNIGHT, "day")
    assert told(store, Cursors())[0] == [("A", MIDNIGHT, "day")]
    ended = told(store, Cursors(), end_stamped=("A", "nobody"))[0]
    assert ended == [("A", MIDNIGHT - DAY, "day")]


def test_hours_that_are_not_over_are_not_told(store: Store) -> None:
    """Clocks that are ahead are no news, those in 1970 are; bad frames and other CNs are none."""
    journal = Journal(store)
    journal.send(NOON + MINUTE)
    journal.send(NOON.replace(year=2099))
    journal.send(datetime(1970, 1, 1, 0, 30))
    journal.send(NOON - 5 * HOUR, reason="crc_wrong")
    store.commit(batch([frame(500, cn="2041")], cursors={"0": 501}))
    found, cursors = told(store, Cursors(), NOON)
    assert found == [("A", datetime(1970, 1, 1), "hour")]
    assert told(store, cursors, NOON + DAY)[0] == []


def test_another_lane_is_heard_from_its_beginning(store: Store) -> None:
    """A lane that nobody knew; cursors of now know all that is there."""
    Journal(store).send(NOON + MINUTE)
    now = store.cursors_now()
    assert told(store, now)[0] == []
    row = frame(7, lane="1", mn="B", data_time=NOON + MINUTE)
    store.commit(batch([row], [sample(row, 1.0)], cursors={"1": 8}))
    assert told(store, now)[0] == [("B", NOON, "hour")]


def test_what_was_read_again_is_told_until_it_was_made(reopen: OpenStore) -> None:
    """A replay changes hours behind the cursors: those of the old frame and of the new one, also
    after a restart, until a state with cursors from after it was put."""
    store = reopen()
    row = Journal(store).send(NOON + MINUTE)
    _, cursors = told(store, Cursors())
    moved = row | {"data_time": NOON + 3 * HOUR}
    store.commit(batch([moved], [sample(moved, 2.0)], replay=True))
    store.commit(batch([frame(900, cn="2041", data_time=NOON - DAY)], replay=True))
    wanted = [("A", NOON, "hour"), ("A", NOON + 2 * HOUR, "hour")]
    assert told(store, cursors)[0] == wanted
    store = reopen()
    again, behind = told(store, cursors)
    assert again == wanted
    store.put_derived(derived({}), MeansState(NOON, behind))
    assert told(store, behind)[0] == []


def test_the_state_outlives_a_restart(reopen: OpenStore) -> None:
    """The last one put counts, with rows or without."""
    store = reopen()
    Journal(store).send(NOON)
    _, cursors = told(store, Cursors())
    store.put_derived(derived({}), MeansState(NOON, cursors, 3))
    last = MeansState(NOON + HOUR, cursors, 4)
    store.put_derived(DERIVED.empty_table(), last)
    assert reopen().means_state() == last
    nothing = MeansState(None)
    store = reopen()
    store.put_derived(DERIVED.empty_table(), nothing)
    assert store.means_state() == nothing


def test_a_revision_is_a_change(store: Store) -> None:
    """What says the same is no news, what says something else is the next revision."""
    names = ("value", "revision", "as_of")
    later = {"as_of": NOON + 2 * HOUR}
    assert store.put_derived(derived({})) == Put(1, 1)
    assert store.put_derived(derived(later)) == Put(1, 0)
    assert kept(store, None, *names) == [(1.0, 1, NOON + HOUR)]
    for number, change in enumerate(
        ({"value": None}, {"mark": "short"}, {"n": 3}, {"reported": 1.5}, {"min": -0.5}), start=2
    ):
        later |= change
        assert store.put_derived(derived(later)) == Put(1, 1)
        assert kept(store, None, *names) == [(None, number, NOON + 2 * HOUR)]


def test_who_considered_less_changes_nothing(store: Store) -> None:
    """A computation that began earlier and ends later does not take the place of a newer one."""
    store.put_derived(derived({"value": 2.0, "as_of": NOON + 5 * HOUR}))
    assert store.put_derived(derived({"value": 1.0})) == Put(1, 0)
    assert kept(store, None, "value", "revision") == [(2.0, 1)]


@pytest.mark.parametrize("tidied", [False, True])
def test_late_rows_among_others(store: Store, tidied: bool) -> None:
    """New, changed and same rows of many hours and MNs in one table, also of days that were put
    in order."""
    hours = [NOON - 3 * DAY + number * HOUR for number in range(30)]
    mns = [f"M{number}" for number in range(20)]
    rows = [{"mn": mn, "start": start} for start in hours for mn in mns]
    day = {"level": "day", "mn": "M1", "start": MIDNIGHT - 3 * DAY}
    assert store.put_derived(derived(*rows, day)) == Put(601, 601)
    while tidied and store.tidy(NOON + DAY):
        pass
    late = [
        {"mn": "M1", "start": hours[2], "value": 5.0},
        {"mn": "M2", "start": hours[2]},
        {"mn": "new", "start": hours[2]},
        {"mn": "M1", "start": hours[2], "stat": "vector"},
        day | {"value": 7.0},
    ]
    assert store.put_derived(derived(*late)) == Put(5, 4)
    found = kept(
        store, DerivedQuery("hour", hours[2], hours[3]), "mn", "stat", "value", "revision"
    )
    assert len(found) == 22
    assert {row for row in found if row[2:] != (1.0, 1)} == {("M1", "mean", 5.0, 2)}
    assert found == sorted(found, key=lambda row: row[:2])
    assert kept(store, DerivedQuery("day"), "value", "revision") == [(7.0, 2)]
    assert store.derived(DerivedQuery("hour")).num_rows == 602


def test_derived_rows_come_as_they_are_asked_for(store: Store) -> None:
    """By bounds, MNs, factors and stats; the first ones in order."""
    rows = [
        {"start": NOON + number * HOUR, "mn": mn, "factor": factor, "stat": stat}
        for number in range(3)
        for mn in ("A", "站'\\")
        for factor in ("a34004", "a05024")
        for stat in ("mean", "max1h")
    ]
    store.put_derived(derived(*rows))

    def count(**asked: Any) -> int:
        return store.derived(DerivedQuery("hour", **asked)).num_rows

    assert count() == 24
    assert count(start=NOON + HOUR) == 16
    assert count(end=NOON + HOUR) == 8
    assert count(mns=("站'\\", "nobody")) == 12
    assert count(mns=("nobody",)) == count(mns=()) == 0
    assert count(factors=("a05024",), stats=("mean",), mns=("A",)) == 3
    assert count(stats=("unknown",)) == 0
    table = store.derived(DerivedQuery("hour", limit=5))
    assert table.schema == DERIVED
    keys = kept(store, DerivedQuery("hour", limit=5), "start", "mn", "factor", "stat")
    assert (
        keys == sorted((row["start"], row["mn"], row["factor"], row["stat"]) for row in rows)[:5]
    )


def test_forecasts_by_issue_and_place(store: Store) -> None:
    """A second one of the same key takes the place of the first; the newest issue of each."""
    common: Row = {"model": "ets", "place": "A", "factor": "a34004", "level": "hour"}
    common |= {"issued": NOON, "start": NOON + HOUR, "value": 1.0, "low": None, "high": 2.0}
    common |= {"rmse": 0.5, "skill": None}
    rows = [common | {"issued": NOON + number * DAY} for number in range(3)]
    rows.append(common | {"place": "region:33"})
    store.put_forecasts(pa.Table.from_pylist(rows, FORECASTS))
    store.put_forecasts(pa.Table.from_pylist([common | {"value": 9.0}], FORECASTS))
    assert store.forecasts(ForecastQuery()).num_rows == 4
    first = store.forecasts(ForecastQuery(place="A", limit=1)).to_pylist()
    assert first == [common | {"value": 9.0}]
    newest = store.forecasts(ForecastQuery(newest=True))
    assert newest["issued"].to_pylist() == [NOON, NOON + 2 * DAY]
    between = ForecastQuery(issued_from=NOON + HOUR, issued_before=NOON + 2 * DAY, model="ets")
    assert store.forecasts(between)["issued"].to_pylist() == [NOON + DAY]
    assert store.forecasts(ForecastQuery(start=NOON + 2 * HOUR)).num_rows == 0


def test_one_daemon_rolls_up_by_itself(store: Store) -> None:
    """Where nobody else writes, it is for this one."""
    Journal(store).send(NOON)
    assert store.is_first()
