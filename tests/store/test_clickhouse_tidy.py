"""Hours made in advance by ClickHouse's tidy: when, of what, and that queries do use them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from batches import batch, frame, sample

from store import clickhouse_tidy
from store.clickhouse_place import place
from store.clickhouse_state import horizon
from store.clickhouse_store import ClickHouseStore
from store.timeseries import AggregateQuery, PresenceQuery

NOON = datetime(2026, 6, 1, 4)  # in Beijing
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Clock:
    """A clock that stands until it is moved; UTC."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return (self.now - datetime(1970, 1, 1)).total_seconds()


@pytest.fixture
def clock() -> Clock:
    """The clock of the store."""
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[ClickHouseStore]:
    """A store at noon of the first of June."""
    opened = ClickHouseStore(place(f"chdb:///{tmp_path}/store"), now=clock)
    yield opened
    opened.close()


def send(store: ClickHouseStore, number: int, at: datetime, rtd: float, mn: str = "A") -> None:
    """Commit one value."""
    row = frame(number, mn=mn, data_time=at, received_at=at)
    store.commit(batch([row], [sample(row, rtd)], cursors={"0": number + 1}))


def tidy(store: ClickHouseStore, clock: Clock) -> int:
    """Tidy to the end; the number of steps that did something."""
    steps = 0
    while store.tidy(clock.now):
        steps += 1
        assert steps < 100
    return steps


def hours(store: ClickHouseStore) -> list[tuple[datetime, float, int]]:
    """start, mean and n of the hours of MN A."""
    rows = store.aggregates(AggregateQuery("A", None, "hour")).to_pylist()
    return [(row["start"], row["mean"], row["n"]) for row in rows]


def made(store: ClickHouseStore) -> list[datetime]:
    """Starts of the hours that stand made in advance."""
    found = store._engine.query("SELECT start FROM hours FINAL ORDER BY start")["start"]
    return [start.replace(tzinfo=None) for start in found.to_pylist()]


def test_a_day_is_made_some_hours_after_its_end(store: ClickHouseStore, clock: Clock) -> None:
    """Nothing while it lasts; all its hours once it is over; the answer is the same."""
    send(store, 1, NOON, 1.0)
    send(store, 2, NOON + HOUR, 3.0)
    expected = [(NOON, 1.0, 1), (NOON + HOUR, 3.0, 1)]
    clock.now = NOON + 17 * HOUR  # 05:00 of the next day
    assert tidy(store, clock) == 0
    assert (made(store), hours(store)) == ([], expected)
    clock.now = NOON + 18 * HOUR
    assert tidy(store, clock) == 1
    assert (made(store), hours(store)) == ([NOON, NOON + HOUR], expected)


def test_late_values_are_made_anew(store: ClickHouseStore, clock: Clock) -> None:
    """A value for a closed day is in the answer at once, and in the made hours after tidy."""
    send(store, 1, NOON, 1.0)
    clock.now = NOON + DAY
    tidy(store, clock)
    send(store, 2, NOON + HOUR / 2, 2.0)
    assert made(store) == [NOON]
    assert hours(store) == [(NOON, 1.5, 2)]
    assert tidy(store, clock)
    assert hours(store) == [(NOON, 1.5, 2)]
    assert store._engine.query("SELECT * FROM late FINAL").num_rows == 0


def test_an_hour_without_values_any_more_goes(store: ClickHouseStore, clock: Clock) -> None:
    """What a replay takes back is taken out of the made hours."""
    send(store, 1, NOON, 1.0)
    clock.now = NOON + DAY
    tidy(store, clock)
    store.commit(batch([frame(1, reason="pw_wrong", received_at=NOON)], replay=True))
    assert hours(store) == []
    send(store, 5, NOON + DAY, 2.0)  # the next batch says that the replay is over
    tidy(store, clock)
    assert made(store) == []
    assert hours(store) == [(NOON + DAY, 2.0, 1)]


def test_what_is_made_is_what_queries_read(store: ClickHouseStore, clock: Clock) -> None:
    """Not the samples: they are not walked through for a closed day."""
    send(store, 1, NOON, 1.0)
    clock.now = NOON + DAY
    tidy(store, clock)
    store._engine.run("TRUNCATE TABLE samples")
    assert hours(store) == [(NOON, 1.0, 1)]
    assert store.presence(PresenceQuery(NOON - DAY, NOON + DAY))["received"].to_pylist() == [1]


def test_a_day_of_many_devices_is_made_in_steps(
    store: ClickHouseStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few hundred MNs at a time; the day is closed after the last of them."""
    monkeypatch.setattr(clickhouse_tidy, "MNS_IN_A_STEP", 2)
    for number, mn in enumerate("EDCBA"):
        send(store, number, NOON + number * HOUR / 60, 1.0, mn)
    clock.now = NOON + DAY
    before = horizon(store._engine)
    assert store.tidy(clock.now)
    assert store.tidy(clock.now)
    assert (len(made(store)), horizon(store._engine)) == (4, before)
    tidy(store, clock)
    assert (len(made(store)), horizon(store._engine)) == (5, before + 1)


def test_only_one_of_several_nodes_tidies(
    store: ClickHouseStore, clock: Clock, tmp_path: Path
) -> None:
    """The first by name of those that are alive; the others have nothing to do."""
    send(store, 1, NOON, 1.0)
    clock.now = NOON + DAY
    other = ClickHouseStore(place(f"chdb:///{tmp_path}/store"), node="zzz", now=clock)
    assert not other.tidy(clock.now)
    assert store.tidy(clock.now)
    other.close()


def test_past_months_are_merged(store: ClickHouseStore, clock: Clock) -> None:
    """Many parts of a past month become one, and what cannot matter any more goes."""
    for number in range(5):
        send(store, number, NOON + number * HOUR, 1.0)
    parts = (
        "SELECT count() AS n FROM system.parts WHERE active AND table = 'samples' "
        "AND partition_id = '202606'"
    )
    clock.now = NOON + DAY
    tidy(store, clock)
    clock.now = datetime(2026, 7, 2)
    tidy(store, clock)
    assert store._engine.query(parts)["n"].to_pylist() == [1]
    assert len(hours(store)) == 5
