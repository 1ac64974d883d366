"""What a replay takes out of the tables before it writes: the old rows of the frames in the batch.

Frames and the samples of open days are known by lane and position. Samples of closed days have
forgotten them: they are told by device, data_time, period and the second of their receipt, which
the old frame's row still knows. Tests: tests/store/test_duckdb_tidy.py.
"""

from __future__ import annotations

from typing import NamedTuple

import duckdb

from store import duckdb_closed, duckdb_means_changed
from store.duckdb_rows import instants
from store.duckdb_schema import PARTS, second
from store.timeseries import PERIODS, Batch

_OLD_FRAMES = """
    INSERT INTO old_frames
    SELECT device, cn, data_time, received_at, reason FROM frames_{part}
    WHERE received_at BETWEEN {first} AND {last}
        AND (lane, position) IN (SELECT (lane, position) FROM replayed)
"""
_DELETE = """
    DELETE FROM {table}_{part} WHERE received_at BETWEEN {first} AND {last}
        AND (lane, position) IN (SELECT (lane, position) FROM replayed)
"""
_BOUNDS = """
    SELECT epoch(min(data_time))::BIGINT, epoch(max(data_time))::BIGINT, min(device), max(device)
    FROM old_frames
"""
_OF_CLOSED_DAYS = """
    SELECT closed.rowid AS row FROM samples_closed AS closed
    JOIN channels USING (channel)
    JOIN old_frames AS old ON closed.device = old.device AND closed.data_time = old.data_time
        AND epoch(closed.data_time)::BIGINT + closed.delay_s = epoch_us(old.received_at) // 1000000
        AND channels.period = CASE old.cn {periods} ELSE 'cn' || old.cn END
    WHERE closed.device BETWEEN {low} AND {high}
        AND closed.data_time BETWEEN {first_s} AND {last_s}
"""


class Removed(NamedTuple):
    """How many rows went."""

    frames: int = 0
    frames_bad: int = 0
    samples: int = 0


def remove(connection: duckdb.DuckDBPyConnection, batch: Batch) -> Removed:
    """Delete the frames that the batch brings anew, with their samples."""
    connection.register("replayed", batch.frames.select(["lane", "position"]))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE old_frames (device INTEGER, cn VARCHAR, "
        "data_time TIMESTAMP, received_at TIMESTAMP, reason VARCHAR)"
    )
    samples = 0
    for bounds in instants(batch.frames["received_at"]):
        for part in PARTS:
            connection.execute(_OLD_FRAMES.format(part=part, **bounds))
            _delete(connection, _DELETE.format(table="frames", part=part, **bounds))
            samples += _delete(connection, _DELETE.format(table="samples", part=part, **bounds))
    ((frames, bad),) = connection.execute(
        "SELECT count(*), count(*) FILTER (reason <> 'ok') FROM old_frames"
    ).fetchall()
    samples += _remove_closed(connection)
    duckdb_means_changed.note_taken_out(connection)
    connection.execute("DROP TABLE old_frames")
    return Removed(frames, bad, samples)


def _remove_closed(connection: duckdb.DuckDBPyConnection) -> int:
    (row,) = connection.execute(_BOUNDS).fetchall()
    first, last, low, high = row
    if first is None:
        return 0
    query = _OF_CLOSED_DAYS.format(
        periods=" ".join(f"WHEN '{cn}' THEN '{period}'" for cn, period in PERIODS.items()),
        first_s=second(first),
        last_s=second(last),
        low=low,
        high=high,
    )
    return duckdb_closed.delete(connection, connection.execute(query).fetchnumpy()["row"])


def _delete(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    (row,) = connection.execute(query).fetchall()
    return int(row[0])
