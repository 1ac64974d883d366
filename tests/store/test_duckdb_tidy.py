"""Closed days of the DuckDB store: what moves, beside what, and what is left after a kill."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from batches import NOON, batch, frame, sample

from bench.minutes import FACTORS, Minutes, mn
from store import duckdb_commit, duckdb_tidy
from store.duckdb_admin import DuckDBAdmin
from store.duckdb_store import DuckDBStore
from store.timeseries import SampleQuery

CHILD = Path(__file__).with_name("tidying_child.py")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
START = datetime(2026, 5, 31, 16)  # midnight in Beijing
STATIONS = 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store's file goes."""
    return tmp_path / "store.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[DuckDBStore]:
    """An empty store."""
    opened = DuckDBStore(path)
    yield opened
    opened.close()


def tidy(store: DuckDBStore, now: datetime) -> int:
    """All that is to be done; how many steps it took."""
    steps = 1
    while store.tidy(now):
        steps += 1
    return steps


def places(store: DuckDBStore) -> dict[str, int]:
    """Samples by table."""
    with store._file.cursor() as connection:
        return {
            part: connection.execute(f"SELECT count(*) FROM samples_{part}").fetchall()[0][0]
            for part in ("near", "far", "closed")
        }


def everything(store: DuckDBStore) -> list[dict[str, Any]]:
    """All minute values of the county."""
    tables = [
        store.samples(SampleQuery(mn(station), None, period="minute"))
        for station in range(STATIONS)
    ]
    rows: list[dict[str, Any]] = pa.concat_tables(tables).to_pylist()
    return rows


def fill(store: DuckDBStore, days: int) -> datetime:
    """A county's minute data; where it ends."""
    county = Minutes(START, STATIONS)
    for each in county.batches(1440 * days, at_once=720):
        store.commit(each)
    return county.now


def test_a_day_is_closed_after_its_grace(store: DuckDBStore) -> None:
    """Only what is over and has waited is moved, once; nothing looks different afterwards."""
    end = fill(store, 2)
    before = everything(store)
    a_day = STATIONS * 1440 * len(FACTORS)
    tidy(store, end - DAY + timedelta(hours=1))
    assert places(store) == {"near": 2 * a_day, "far": 0, "closed": 0}
    tidy(store, end - DAY + timedelta(hours=2))
    assert places(store) == {"near": a_day, "far": 0, "closed": a_day}
    tidy(store, end + DAY)
    assert places(store) == {"near": 0, "far": 0, "closed": 2 * a_day}
    assert everything(store) == before
    assert tidy(store, end + DAY) == 1
    assert store.totals()["samples"] == 2 * a_day


def test_closed_rows_lie_in_order(store: DuckDBStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A span that was closed day by day is one run a series when it is over."""
    monkeypatch.setattr(duckdb_tidy, "SLICE_ROWS", 40_000)
    county = Minutes(datetime(2026, 5, 26, 16), 2)
    for _ in range(10):
        store.commit(county.batch(1440))
        tidy(store, county.now + timedelta(hours=3))
    with store._file.cursor() as connection:
        runs = connection.execute(
            """SELECT count(*) FROM (
                SELECT (device, channel) AS series, lag((device, channel)) OVER () AS before
                FROM samples_closed
            ) WHERE before IS NULL OR series <> before"""
        ).fetchall()
    assert runs == [(2 * len(FACTORS),)]


def test_late_data_reach_closed_days(store: DuckDBStore) -> None:
    """A later value replaces a closed one, an earlier one does not, a frame read again takes its
    values back; each is told by the second of its receipt."""
    first = frame(1, cn="2011", received_at=NOON + 5 * SECOND)
    store.commit(batch([first], [sample(first, 1.0), sample(first, 1.0, factor="g")]))
    tidy(store, NOON + 3 * DAY)
    assert places(store)["closed"] == 2
    early = frame(2, received_at=NOON + 4 * SECOND)
    assert store.commit(batch([early], [sample(early, 2.0)])).samples_stale == 1
    late = frame(3, received_at=NOON + 20 * DAY)
    store.commit(batch([late], [sample(late, 3.0)]))
    assert places(store) == {"near": 0, "far": 1, "closed": 1}
    assert [row["rtd"] for row in store.latest().to_pylist()] == [1.0, 3.0]
    store.commit(
        batch([frame(1, reason="pw_wrong", received_at=first["received_at"])], replay=True)
    )
    assert [row["rtd"] for row in store.latest().to_pylist()] == [3.0]
    tidy(store, NOON + 40 * DAY)
    assert places(store) == {"near": 0, "far": 0, "closed": 1}
    store.commit(
        batch([frame(3, reason="pw_wrong", received_at=late["received_at"])], replay=True)
    )
    assert store.latest().num_rows == 0
    assert store.totals()["samples"] == 0


def test_a_value_replaced_while_it_moves(
    store: DuckDBStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit that meets a row just being moved waits for the step and goes through; one that
    was quicker makes the step wait for the next time. Either way there is one row, the newest."""
    one = frame(1)
    store.commit(batch([one], [sample(one, 1.0)]))
    step, applied = duckdb_tidy._step, duckdb_commit._apply
    newer = frame(2, received_at=NOON + 9 * SECOND)
    writer = threading.Thread(target=store.commit, args=(batch([newer], [sample(newer, 2.0)]),))
    tried = threading.Event()

    def apply(*arguments: Any) -> Any:
        try:
            return applied(*arguments)
        finally:
            tried.set()

    def slow_step(*arguments: Any) -> bool:
        more = step(*arguments)
        if not tried.is_set() and places_moved(*arguments):
            writer.start()
            assert tried.wait(90)
        return more

    def places_moved(connection: Any, _: int) -> bool:
        found = connection.execute("SELECT count(*) FROM samples_near").fetchall()
        return bool(found == [(0,)])

    monkeypatch.setattr(duckdb_tidy, "_step", slow_step)
    monkeypatch.setattr(duckdb_commit, "_apply", apply)
    tidy(store, NOON + 30 * DAY)
    writer.join(90)
    assert not writer.is_alive()
    assert store.samples(SampleQuery("A", None))["rtd"].to_pylist() == [2.0]
    monkeypatch.undo()

    last = frame(3, received_at=NOON + 99 * SECOND)
    between = iter([batch([last], [sample(last, 3.0)])])

    def late_step(*arguments: Any) -> bool:
        arguments[0].execute("FROM tidied").fetchall()  # the transaction sees the state of now
        for each in between:
            store.commit(each)
        return step(*arguments)

    monkeypatch.setattr(duckdb_tidy, "LATE_ROWS", 1)
    monkeypatch.setattr(duckdb_tidy, "_step", late_step)
    tidy(store, NOON + 60 * DAY)
    assert store.samples(SampleQuery("A", None))["rtd"].to_pylist() == [3.0]
    store.close()
    assert DuckDBAdmin(path).check() == []


def test_tidying_beside_commits_and_queries(
    store: DuckDBStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While days are closed, new minutes and replaced ones come in and queries see each value
    once."""
    monkeypatch.setattr(duckdb_tidy, "SLICE_ROWS", 5000)
    end = fill(store, 2)
    chance = random.Random(5)
    stop = threading.Event()

    def write() -> None:
        position = 0
        while not stop.is_set():
            position += 1
            row = frame(
                position,
                lane="9",
                mn=mn(chance.randrange(STATIONS)),
                cn="2051",
                data_time=START + chance.randrange(2880) * timedelta(minutes=1),
                received_at=end + position * SECOND,
            )
            store.commit(batch([row], [sample(row, 9.0, factor="a34013", period="minute")]))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        more = True
        while more:
            more = store.tidy(end + DAY)
            counted = store.samples(SampleQuery(mn(0), "a34013", period="minute"))
            assert counted["data_time"].to_pylist() == [
                START + minute * timedelta(minutes=1) for minute in range(2880)
            ]
    finally:
        stop.set()
        writer.join()
    store.close()
    assert DuckDBAdmin(path).check() == []


def test_killed_while_it_tidies(path: Path) -> None:
    """After kill -9 in the middle of closing days all values are there, once, and the next process
    goes on."""
    store = DuckDBStore(path)
    end = fill(store, 2)
    before = everything(store)
    store.close()
    chance = random.Random(212)
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, str(CHILD), str(path), (end + DAY).isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stdout is not None
            for _ in range(chance.randrange(1, 8)):
                if child.stdout.readline() == "done\n":
                    break
            child.kill()
        assert DuckDBAdmin(path).check() == []
    store = DuckDBStore(path)
    assert everything(store) == before
    tidy(store, end + DAY)
    assert places(store)["near"] == 0
    assert everything(store) == before
    store.close()
    assert DuckDBAdmin(path).check() == []


def test_the_file_does_not_grow_by_what_was_moved(store: DuckDBStore, path: Path) -> None:
    """Room that closed days leave behind is used again: six days need little more than two."""
    county = Minutes(START, STATIONS)
    sizes = []
    for _ in range(6):
        for each in county.batches(1440, at_once=360):
            store.commit(each)
        tidy(store, county.now + timedelta(hours=3))
        with store._file.cursor() as connection:
            connection.execute("DROP VIEW IF EXISTS frames")
            connection.execute("DELETE FROM frames_near")
            connection.execute("CHECKPOINT")
        sizes.append(path.stat().st_size)
    assert sizes[5] < 2.5 * sizes[1], sizes
