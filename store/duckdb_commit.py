"""The one transaction of a batch in DuckDB: rows, counts, devices and cursors, or nothing.

All of it works on whole sets, because a look-up row by row is a thousand times slower in a
column store. How frames and samples find their place: duckdb_rows.py; what goes first when records
are read again: duckdb_replay.py. Tests: tests/store/test_timeseries.py.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from store import duckdb_means_changed, duckdb_replay, duckdb_rows
from store.duckdb_schema import columns
from store.timeseries import LINKS, Batch, Committed, StoreUnavailable

# ST 91 is the address of replies (HJ 212-2017, 6.6.1): it says nothing of the device. A DataTime
# ahead of its receipt by more than a day is a wrong clock and would stay the newest for years.
_DEVICES = """
    MERGE INTO devices AS known USING (
        SELECT
            mn,
            arg_max(st, received_at) FILTER (describes) AS st,
            arg_max(version, received_at) FILTER (describes) AS version,
            max(received_at) FILTER (describes) AS described_at,
            min(received_at) AS first_seen,
            max(received_at) AS last_seen,
            max(data_time) FILTER (data_time <= received_at + INTERVAL 1 DAY) AS last_data_time
        FROM (SELECT *, st NOT IN ('', '91') AS describes FROM new_frames)
        WHERE reason = 'ok' AND mn <> '' GROUP BY mn
    ) AS new ON known.mn = new.mn
    WHEN MATCHED THEN UPDATE SET
        st = if(new.described_at >= coalesce(known.described_at, new.described_at),
            new.st, known.st),
        version = if(new.described_at >= coalesce(known.described_at, new.described_at),
            new.version, known.version),
        described_at = greatest(known.described_at, new.described_at),
        first_seen = least(known.first_seen, new.first_seen),
        last_seen = greatest(known.last_seen, new.last_seen),
        last_data_time = greatest(known.last_data_time, new.last_data_time)
    WHEN NOT MATCHED THEN INSERT
        (mn, st, version, described_at, first_seen, last_seen, last_data_time)
        VALUES (new.mn, coalesce(new.st, ''), coalesce(new.version, ''), new.described_at,
            new.first_seen, new.last_seen, new.last_data_time)
"""
_COUNTS = """
    MERGE INTO device_counts AS known USING (
        SELECT mn, what, name, sum(n)::BIGINT AS n FROM (
            SELECT mn, what, name, n FROM new_counts
            UNION ALL SELECT mn, 'duplicates', '', n FROM duplicates_by_mn
        ) GROUP BY ALL
    ) AS new ON known.mn = new.mn AND known.what = new.what AND known.name = new.name
    WHEN MATCHED THEN UPDATE SET n = known.n + new.n
    WHEN NOT MATCHED THEN INSERT VALUES (new.mn, new.what, new.name, new.n)
"""
_CURSORS = """
    MERGE INTO cursors USING new_cursors AS new USING (lane)
    WHEN MATCHED THEN UPDATE SET position = new.position
    WHEN NOT MATCHED THEN INSERT VALUES (new.lane, new.position)
"""
_TOTALS = """
    UPDATE totals SET n = totals.n + new.n FROM new_totals AS new
    WHERE totals.name = new.name AND new.n <> 0
"""


def write(connection: duckdb.DuckDBPyConnection, batch: Batch) -> Committed:
    """Commit a batch; on any error nothing of it is in the store and the error goes on."""
    connection.execute("BEGIN")
    try:
        committed = _apply(connection, batch)
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise
    return committed


def _apply(connection: duckdb.DuckDBPyConnection, batch: Batch) -> Committed:
    if batch.since is not None:
        _check_position(connection, batch.since)
    removed = duckdb_replay.remove(connection, batch) if batch.replay else duckdb_replay.Removed()
    frames = batch.frames
    duplicates = duckdb_rows.write_frames(connection, frames)
    samples = duckdb_rows.write_samples(
        connection, batch.samples, duplicates.places, _closing_before_us(connection)
    )
    if batch.links.num_rows:
        connection.register("new_links", batch.links)
        connection.execute(f"INSERT INTO links SELECT {columns(LINKS)} FROM new_links")
    _write_devices(connection, frames)
    if batch.replay:
        duckdb_means_changed.note_brought(connection, frames)
    by_mn = _by_mn(frames["mn"].take(pa.array(duplicates.rows)))
    if not batch.replay:
        _write_counts(connection, batch.counts, by_mn)
        _write_cursors(connection, batch.cursors)
    stored = frames.num_rows - len(duplicates.rows)
    bad = pc.not_equal(frames["reason"].cast(pa.string()), "ok")
    bad_duplicates = pc.sum(bad.take(pa.array(duplicates.rows))).as_py() or 0
    moved = {
        "frames": stored - removed.frames,
        "frames_bad": (pc.sum(bad).as_py() or 0) - bad_duplicates - removed.frames_bad,
        "samples": samples.rows - samples.replaced - removed.samples,
        "late": samples.late,
    }
    connection.register("new_totals", _table(moved, "name", "n"))
    connection.execute(_TOTALS)
    return Committed(
        frames=stored,
        duplicates=len(duplicates.rows),
        samples=samples.rows,
        samples_stale=samples.stale,
        duplicates_by_mn=by_mn,
    )


def _check_position(connection: duckdb.DuckDBPyConnection, since: dict[str, int]) -> None:
    known = dict(connection.execute("SELECT lane, position FROM cursors").fetchall())
    for lane, position in since.items():
        if known.get(lane, 0) != position:
            raise StoreUnavailable(
                f"the store stands at {known.get(lane, 0)} of lane {lane}, the batch at {position}"
            )


def _closing_before_us(connection: duckdb.DuckDBPyConnection) -> int | None:
    """Up to where samples may stand in samples_closed; None: there are none."""
    (row,) = connection.execute("SELECT closing_before FROM tidied").fetchall()
    return None if row[0] is None else int(row[0]) * 1_000_000


def _write_devices(connection: duckdb.DuckDBPyConnection, frames: pa.Table) -> None:
    wanted = ["mn", "st", "version", "reason", "received_at", "data_time"]
    connection.register("new_frames", frames.select(wanted))
    connection.execute(_DEVICES)


def _write_counts(
    connection: duckdb.DuckDBPyConnection, counts: pa.Table, duplicates: dict[str, int]
) -> None:
    connection.register("new_counts", counts)
    connection.register("duplicates_by_mn", _table(duplicates, "mn", "n"))
    connection.execute(_COUNTS)


def _write_cursors(connection: duckdb.DuckDBPyConnection, cursors: dict[str, int]) -> None:
    connection.register("new_cursors", _table(cursors, "lane", "position"))
    connection.execute(_CURSORS)


def _by_mn(mns: pa.ChunkedArray) -> dict[str, int]:
    counted = pc.value_counts(mns.cast(pa.string()))
    return {row["values"]: row["counts"] for row in counted.to_pylist()}


def _table(numbers: dict[str, int], name: str, number: str) -> pa.Table:
    return pa.table(
        {
            name: pa.array(numbers.keys(), pa.string()),
            number: pa.array(numbers.values(), pa.int64()),
        }
    )


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    """Undo what there is to undo; a commit that failed has done so itself."""
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:
        pass
