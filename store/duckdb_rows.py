"""Frames and samples of a batch into their tables: each frame once, of each sample the newest.

Rows in doubt (duckdb_marks.py) are looked up exactly, as whole sets with literal bounds of time
and device, by which DuckDB skips the row groups that cannot match; all others are inserted as they
come. Runs within the transaction of duckdb_commit.py. Tests: tests/store/test_timeseries.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from store import duckdb_closed
from store.duckdb_marks import NO_TIME, Chosen, Times, doubts, microseconds
from store.duckdb_names import Ids, Words, numbered_frames, numbered_samples
from store.duckdb_schema import NEAR_DAYS, instant, second
from store.time_ranges import ranges

_NEAR_US = NEAR_DAYS * 86_400_000_000

_FRAMES_IN_BATCH = """
    SELECT number FROM (
        SELECT number, row_number() OVER (
            PARTITION BY key_time, digest, device, reason, raw ORDER BY number
        ) AS nth
        FROM doubtful
    ) WHERE nth > 1
"""
_FRAMES_IN_STORE = """
    SELECT new.number FROM doubtful AS new JOIN frames_{part} AS old
    USING (key_time, digest, device, reason, raw)
    WHERE new.key_time BETWEEN {first} AND {last} AND old.key_time BETWEEN {first} AND {last}
        AND old.device BETWEEN {low} AND {high}
"""
_SAMPLES_OF_DUPLICATES = "SELECT number FROM places SEMI JOIN duplicates USING (lane, position)"
_SAMPLES_IN_BATCH = """
    SELECT number FROM (
        SELECT number, row_number() OVER (
            PARTITION BY data_time, device, channel
            ORDER BY received_at DESC, lane DESC, position DESC, number DESC
        ) AS nth
        FROM doubtful
    ) WHERE nth > 1
"""
_SAMPLES_IN_STORE = """
    SELECT
        new.number,
        old.rowid AS row,
        (old.received_at, old.lane, old.position)
            > (new.received_at, new.lane, new.position) AS newer
    FROM doubtful AS new JOIN samples_{part} AS old USING (data_time, device, channel)
    WHERE new.data_time BETWEEN {first} AND {last} AND old.data_time BETWEEN {first} AND {last}
        AND old.device BETWEEN {low} AND {high}
"""
_SAMPLES_IN_CLOSED = """
    SELECT
        new.number,
        old.rowid AS row,
        epoch(old.data_time)::BIGINT + old.delay_s
            > epoch_us(new.received_at) // 1000000 AS newer
    FROM (SELECT * REPLACE (data_time::TIMESTAMP_S AS data_time) FROM doubtful) AS new
    JOIN samples_closed AS old USING (data_time, device, channel)
    WHERE new.data_time BETWEEN {first_s} AND {last_s}
        AND old.data_time BETWEEN {first_s} AND {last_s}
        AND old.device BETWEEN {low} AND {high}
"""


class Duplicates(NamedTuple):
    """Frames that were there already: their rows in the batch, and their places in the journal."""

    rows: NDArray[np.intp]
    places: pa.Table


class Written(NamedTuple):
    """What became of a batch's samples. ``late``: of days that were closed already."""

    rows: int
    replaced: int
    stale: int
    late: int


def write_frames(connection: duckdb.DuckDBPyConnection, frames: pa.Table) -> Duplicates:
    """Insert the frames that are no duplicates."""
    times = microseconds(frames["key_time"])
    near = _near(times, microseconds(frames["received_at"]))
    known = numbered_frames(connection, frames)
    devices = known["device"].to_numpy()
    cns = Words(frames["cn"])
    dated = np.flatnonzero(times != NO_TIME)  # a frame without time is never a duplicate
    doubt = doubts(
        connection,
        "frame_marks",
        devices[dated],
        cns.codes[dated],
        cns,
        times[dated],
        near[dated],
    )
    found: list[NDArray[Any]] = []
    if doubt.twice.any():
        _register_doubtful(connection, known, dated[doubt.twice])
        found.append(_numbers(connection, _FRAMES_IN_BATCH))
    for part, doubtful in (("near", doubt.near), ("far", doubt.far)):
        if not (rows := dated[doubtful]).size:
            continue
        _register_doubtful(connection, known, rows)
        for bounds in _bounds(times[rows], devices[rows]):
            found.append(_numbers(connection, _FRAMES_IN_STORE.format(part=part, **bounds)))
    duplicates = np.unique(np.concatenate(found)) if found else np.empty(0, np.intp)
    _insert(connection, "frames", known, near, _all_but(len(times), duplicates))
    places = frames.select(["lane", "position"]).take(pa.array(duplicates))
    return Duplicates(duplicates, places)


def write_samples(
    connection: duckdb.DuckDBPyConnection,
    samples: pa.Table,
    duplicates: pa.Table,
    closing_before_us: int | None,
) -> Written:
    """Insert the samples that win; those of the frames in ``duplicates`` change nothing."""
    times = microseconds(samples["data_time"])
    near = _near(times, microseconds(samples["received_at"]))
    known = numbered_samples(connection, samples)
    devices = known["device"].to_numpy()
    kept = np.ones(len(times), bool)
    if duplicates.num_rows:
        places = samples.select(["lane", "position"])
        connection.register("places", _numbered(places, np.arange(len(times))))
        connection.register("duplicates", duplicates)
        kept[_numbers(connection, _SAMPLES_OF_DUPLICATES)] = False
    doubt_near, doubt_far, doubt_twice = _doubtful_samples(
        connection, samples, devices, known["channel"].to_numpy(), times, near
    )
    stale = np.zeros(len(times), bool)
    if (rows := np.flatnonzero(kept & doubt_twice)).size:
        _register_doubtful(connection, known, rows)
        stale[_numbers(connection, _SAMPLES_IN_BATCH)] = True
    replaced = 0
    for part, doubtful in (
        ("near", doubt_near),
        ("far", doubt_far),
        ("closed", (doubt_near | doubt_far) & _before(times, closing_before_us)),
    ):
        if not (rows := np.flatnonzero(kept & ~stale & doubtful)).size:
            continue
        _register_doubtful(connection, known, rows)
        query = _SAMPLES_IN_CLOSED if part == "closed" else _SAMPLES_IN_STORE
        for bounds in _bounds(times[rows], devices[rows]):
            found: dict[str, Any] = connection.execute(
                query.format(part=part, **bounds)
            ).fetchnumpy()
            lost = found["newer"].astype(bool)
            stale[found["number"][lost]] = True
            replaced += _replace(connection, part, found["row"][~lost])
    kept &= ~stale
    _insert(connection, "samples", known, near, kept)
    return Written(
        rows=int(kept.sum()),
        replaced=replaced,
        stale=int(stale.sum()),
        late=int((kept & _before(times, closing_before_us)).sum()),
    )


def _doubtful_samples(
    connection: duckdb.DuckDBPyConnection,
    samples: pa.Table,
    devices: Ids,
    channels: Ids,
    times: Times,
    near: Chosen,
) -> tuple[Chosen, Chosen, Chosen]:
    """Whether a stored row, near or far, or another row of the batch may have the row's key.

    The values of a frame stand together and share device, period and time: one row of each such
    run is asked about, a tenth of the work.
    """
    periods = Words(samples["period"])
    if not len(times):
        nothing = np.zeros(0, bool)
        return nothing, nothing, nothing
    begins = np.append(
        True,
        (devices[1:] != devices[:-1])
        | (times[1:] != times[:-1])
        | (periods.codes[1:] != periods.codes[:-1])
        | (near[1:] != near[:-1]),
    )
    run = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    doubt = doubts(
        connection,
        "sample_marks",
        devices[first],
        periods.codes[first],
        periods,
        times[first],
        near[first],
    )
    # A factor that stands twice in its run: neighbours, once the runs are ordered by channel.
    order = np.argsort(_narrow(channels), kind="stable")
    channel, at = channels[order], run[order]
    doubt.twice[at[1:][(channel[1:] == channel[:-1]) & (at[1:] == at[:-1])]] = True
    return doubt.near[run], doubt.far[run], doubt.twice[run]


def _narrow(numbers: Ids) -> NDArray[Any]:
    """In 16 bits where they fit: NumPy sorts these by radix, ten times as fast."""
    return numbers.astype(np.uint16) if int(numbers.max()) < 1 << 16 else numbers


def _near(times: Times, received: Times) -> Chosen:
    near: Chosen = (times == NO_TIME) | (np.abs(times - received) <= _NEAR_US)
    return near


def _before(times: Times, limit_us: int | None) -> Chosen:
    before: Chosen = times < (NO_TIME if limit_us is None else limit_us)
    return before


def _all_but(count: int, left_out: NDArray[np.intp]) -> Chosen:
    kept = np.ones(count, bool)
    kept[left_out] = False
    return kept


def _insert(
    connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table, near: Chosen, kept: Chosen
) -> None:
    for part, chosen in (("near", kept & near), ("far", kept & ~near)):
        if chosen.any():
            connection.register("chosen", rows if chosen.all() else rows.filter(pa.array(chosen)))
            connection.execute(f"INSERT INTO {name}_{part} SELECT * FROM chosen")


def _replace(connection: duckdb.DuckDBPyConnection, part: str, rows: NDArray[np.int64]) -> int:
    """Delete rows that newer ones take the place of; how many they are."""
    if part == "closed":
        return duckdb_closed.delete(connection, rows)
    if len(rows):
        connection.register("replaced", pa.table({"row": pa.array(rows)}))
        connection.execute(f"DELETE FROM samples_{part} WHERE rowid IN (SELECT row FROM replaced)")
    return len(rows)


def _register_doubtful(
    connection: duckdb.DuckDBPyConnection, table: pa.Table, rows: NDArray[np.intp]
) -> None:
    connection.register("doubtful", _numbered(table.take(pa.array(rows)), rows))


def _numbered(table: pa.Table, numbers: NDArray[np.intp]) -> pa.Table:
    return table.append_column("number", pa.array(numbers))


def _numbers(connection: duckdb.DuckDBPyConnection, query: str) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = connection.execute(query).fetchnumpy()["number"]
    return numbers


def _bounds(times: Times, devices: Ids) -> Iterator[dict[str, Any]]:
    """Few narrow ranges that hold all rows, as words of a query."""
    for first, last in ranges(np.unique(times).tolist()):
        held = devices[(times >= first) & (times <= last)]
        yield {**_between(first, last), "low": held.min(), "high": held.max()}


def instants(column: pa.ChunkedArray) -> Iterator[dict[str, str]]:
    """Few narrow ranges that hold all instants of a column, as words of a query."""
    times = microseconds(column)
    for first, last in ranges(np.unique(times[times != NO_TIME]).tolist()):
        yield _between(first, last)


def _between(first_us: int, last_us: int) -> dict[str, str]:
    return {
        "first": instant(first_us),
        "last": instant(last_us),
        "first_s": second(first_us // 1_000_000),
        "last_s": second(last_us // 1_000_000),
    }
