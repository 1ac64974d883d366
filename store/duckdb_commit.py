"""The one transaction of a batch in DuckDB: rows, counts, devices and cursors, or nothing.

All of it works on whole sets, because a look-up row by row is a thousand times slower in a
column store. Look-ups in the large tables carry literal bounds of time (time_ranges.py), by which
DuckDB skips the row groups that cannot match. Tests: tests/store/test_timeseries.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from store.duckdb_schema import PARTS, SPLIT, columns, is_near
from store.time_ranges import ranges
from store.timeseries import FRAMES, LINKS, SAMPLES, Batch, Committed, StoreUnavailable

_INDEX = pa.int64()
_EPOCH = datetime(1970, 1, 1)

_DUPLICATES_IN_BATCH = """
    SELECT number FROM (
        SELECT number, row_number() OVER (
            PARTITION BY key_time, digest, mn, reason, raw ORDER BY number
        ) AS nth
        FROM new_frames WHERE key_time IS NOT NULL
    ) WHERE nth > 1
"""
_DUPLICATES_IN_STORE = """
    SELECT new.number FROM new_frames AS new JOIN frames_{part} AS old
    USING (key_time, digest, mn, reason, raw)
    WHERE new.key_time BETWEEN $first AND $last AND old.key_time BETWEEN $first AND $last
"""
_SAMPLES_OF_DUPLICATES = """
    SELECT number FROM new_samples SEMI JOIN duplicates USING (lane, position)
"""
_SAMPLES_BEATEN_IN_BATCH = """
    SELECT number FROM (
        SELECT number, row_number() OVER (
            PARTITION BY data_time, mn, factor, period
            ORDER BY received_at DESC, lane DESC, position DESC, number DESC
        ) AS nth
        FROM new_samples ANTI JOIN set_aside USING (number)
    ) WHERE nth > 1
"""
_SAMPLES_IN_STORE = """
    SELECT
        new.number,
        old.rowid,
        (old.received_at, old.lane, old.position) > (new.received_at, new.lane, new.position)
    FROM (SELECT * FROM new_samples ANTI JOIN set_aside USING (number)) AS new
    JOIN samples_{part} AS old USING (data_time, mn, factor, period)
    WHERE new.data_time BETWEEN $first AND $last AND old.data_time BETWEEN $first AND $last
"""
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
            UNION ALL SELECT mn, 'duplicates', '', 1 FROM duplicates
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


def write(connection: duckdb.DuckDBPyConnection, batch: Batch) -> Committed:
    """Commit a batch; on any error nothing of it is in the store and the error goes on."""
    tables = {
        "new_frames": _numbered(batch.frames),
        "new_samples": _numbered(batch.samples),
        "new_links": batch.links,
        "new_counts": batch.counts,
        "new_cursors": pa.table(
            {
                "lane": pa.array(batch.cursors.keys(), pa.string()),
                "position": pa.array(batch.cursors.values(), pa.int64()),
            }
        ),
    }
    for name, table in tables.items():
        connection.register(name, table)
    connection.execute("BEGIN")
    try:
        committed = _apply(connection, batch)
        connection.execute("COMMIT")
    except (duckdb.Error, StoreUnavailable):
        _roll_back(connection)
        raise
    return committed


def _apply(connection: duckdb.DuckDBPyConnection, batch: Batch) -> Committed:
    if batch.since is not None:
        _check_position(connection, batch.since)
    if batch.replay:
        _remove_replaced(connection, batch)
    duplicates = _write_frames(connection, batch)
    written, stale = _write_samples(connection, batch)
    connection.execute(f"INSERT INTO links SELECT {columns(LINKS)} FROM new_links")
    connection.execute(_DEVICES)
    if not batch.replay:
        connection.execute(_COUNTS)
        connection.execute(_CURSORS)
    by_mn = connection.execute("SELECT mn, count(*) FROM duplicates GROUP BY mn").fetchall()
    return Committed(
        frames=batch.frames.num_rows - duplicates,
        duplicates=duplicates,
        samples=written,
        samples_stale=stale,
        duplicates_by_mn=dict(by_mn),
    )


def _check_position(connection: duckdb.DuckDBPyConnection, since: dict[str, int]) -> None:
    known = dict(connection.execute("SELECT lane, position FROM cursors").fetchall())
    for lane, position in since.items():
        if known.get(lane, 0) != position:
            raise StoreUnavailable(
                f"the store stands at {known.get(lane, 0)} of lane {lane}, the batch at {position}"
            )


def _write_frames(connection: duckdb.DuckDBPyConnection, batch: Batch) -> int:
    """Insert the frames that are no duplicates; the others are in ``duplicates`` afterwards."""
    found = set(_column(connection, _DUPLICATES_IN_BATCH))
    for bounds in _bounds(batch.frames["key_time"]):
        for part in PARTS:
            found.update(_column(connection, _DUPLICATES_IN_STORE.format(part=part), bounds))
    chosen = pa.array(sorted(found), _INDEX)
    connection.register("duplicates", batch.frames.select(["mn", "lane", "position"]).take(chosen))
    _insert(connection, "frames", FRAMES, chosen)
    return len(found)


def _write_samples(connection: duckdb.DuckDBPyConnection, batch: Batch) -> tuple[int, int]:
    """Insert the samples that win; rows written, and rows that lost to a newer one."""
    repeated = set(_column(connection, _SAMPLES_OF_DUPLICATES))
    connection.register("set_aside", pa.table({"number": pa.array(repeated, _INDEX)}))
    stale = set(_column(connection, _SAMPLES_BEATEN_IN_BATCH))
    replaced: dict[str, list[int]] = {part: [] for part in PARTS}
    for bounds in _bounds(batch.samples["data_time"]):
        for part in PARTS:
            matches = connection.execute(_SAMPLES_IN_STORE.format(part=part), bounds).fetchall()
            for number, row, newer in matches:
                if newer:
                    stale.add(number)
                else:
                    replaced[part].append(row)
    for part, rows in replaced.items():
        if rows:
            connection.register("replaced", pa.table({"row": pa.array(rows, _INDEX)}))
            connection.execute(
                f"DELETE FROM samples_{part} WHERE rowid IN (SELECT row FROM replaced)"
            )
    left_out = repeated | stale
    _insert(connection, "samples", SAMPLES, pa.array(sorted(left_out), _INDEX))
    return batch.samples.num_rows - len(left_out), len(stale)


def _remove_replaced(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    for bounds in _bounds(batch.frames["received_at"]):
        for name in SPLIT:
            for part in PARTS:
                connection.execute(
                    f"DELETE FROM {name}_{part} WHERE received_at BETWEEN $first AND $last "
                    "AND (lane, position) IN (SELECT (lane, position) FROM new_frames)",
                    bounds,
                )


def _insert(
    connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, left_out: pa.Array
) -> None:
    connection.register("left_out", pa.table({"number": left_out}))
    near = is_near(SPLIT[name])
    for part, condition in zip(PARTS, (near, f"NOT {near}"), strict=True):
        connection.execute(
            f"INSERT INTO {name}_{part} SELECT {columns(schema)} FROM new_{name} "
            f"ANTI JOIN left_out USING (number) WHERE {condition}"
        )


def _numbered(table: pa.Table) -> pa.Table:
    return table.append_column("number", pa.array(range(table.num_rows), _INDEX))


def _bounds(column: pa.ChunkedArray) -> list[dict[str, datetime]]:
    """Few narrow ranges that hold all instants of a column, as parameters of a query."""
    instants = pc.unique(column.cast(pa.int64())).drop_null().to_pylist()
    return [{"first": _instant(first), "last": _instant(last)} for first, last in ranges(instants)]


def _instant(time_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time_us)


def _column(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: dict[str, datetime] | None = None,
) -> list[int]:
    return [row[0] for row in connection.execute(query, parameters).fetchall()]


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    """Undo what there is to undo; a commit that failed has done so itself."""
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:
        pass
