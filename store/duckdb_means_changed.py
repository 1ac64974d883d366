"""Which hours something stored since touched, in the DuckDB store.

Frames stand in order of receipt, so that those since a moment are a few row groups at the end;
a commit pays nothing for it. A replay takes the places of old rows: it notes its times.
Tests: tests/store/test_means_store.py.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import pyarrow as pa

from store.duckdb_schema import PARTS, instant
from store.means import CHANGED, Cursors
from store.means_asked import BEIJING_S, CNS, DAY_S, END_STAMP_S, seconds

# A clock that is put back by less than this hides no frame.
_MARGIN_US = 3_600_000_000

_CNS = ", ".join(f"'{cn}'" for cn in CNS)
_GOOD = f"reason = 'ok' AND cn IN ({_CNS}) AND data_time IS NOT NULL"
_SINCE = """
    SELECT lane, device, cn, data_time, received_at, position FROM frames_{part}
    WHERE received_at >= {received} AND position >= {position} AND lane = '{lane}' AND {good}
"""
_BY_HOUR = """
    SELECT lane, device, if(cn = '2031', 'day', 'hour') AS period,
        at_s - ((at_s + moved_s) % length_s + length_s) % length_s AS start_s,
        received_at, position
    FROM (
        SELECT lane, device, cn, received_at, position,
            epoch_us(data_time) // 1000000 - {shift} AS at_s,
            if(cn = '2031', {beijing}, 0) AS moved_s, if(cn = '2031', {day}, 3600) AS length_s
        FROM ({rows})
    )
"""
_HOURS_SINCE = """
    CREATE OR REPLACE TEMP TABLE hours_since AS
    SELECT lane, device, period, start_s, max(position) AS position,
        epoch_us(arg_max(received_at, position)) AS received_us
    FROM ({hours}) GROUP BY ALL
"""
_LAST = "SELECT lane, arg_max(received_us, position) FROM hours_since GROUP BY lane"
_NOTED_TIMES = """
    SELECT '' AS lane, device, cn, data_time, NULL AS received_at, 0 AS position
    FROM means_noted WHERE number > {noted}
"""
_CHANGED = """
    SELECT DISTINCT mn, make_timestamp(start_s * 1000000) AS start, period FROM (
        SELECT device, start_s, period FROM hours_since
        UNION ALL SELECT device, start_s, period FROM ({noted})
    ) JOIN mns USING (device) WHERE start_s < {before_s} ORDER BY start, mn, period
"""
# Two times stand for an hour: its beginning, and one within it for all others.
_NOTE = f"""
    INSERT INTO means_noted
    SELECT DISTINCT (
        SELECT greatest(
            (SELECT coalesce(max(number), 0) FROM means_noted),
            (SELECT coalesce(max(noted), 0) FROM means_state)
        ) + 1
    ), device, cn, if(
        epoch_us(data_time) % 3600000000 = 0,
        data_time,
        date_trunc('hour', data_time) + INTERVAL 30 MINUTE
    ) FROM {{frames}} WHERE {_GOOD}
"""


def cursors_now(connection: duckdb.DuckDBPyConnection) -> Cursors:
    """Cursors at the present end."""
    rows = connection.execute("SELECT lane, position FROM cursors").fetchall()
    return Cursors({lane: (position, 0) for lane, position in rows}, _noted(connection))


def changed(
    connection: duckdb.DuckDBPyConnection,
    cursors: Cursors,
    before: datetime,
    end_stamped: tuple[str, ...],
) -> tuple[pa.Table, Cursors]:
    """Rows of CHANGED, and the cursors behind them."""
    connection.execute("BEGIN")
    try:
        found = _changed(connection, cursors, before, end_stamped)
    finally:
        connection.execute("ROLLBACK")
    return found


def note_taken_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Note the times of the frames that a replay takes out, in its transaction, while they stand
    in ``old_frames``."""
    connection.execute(_NOTE.format(frames="old_frames"))


def note_brought(connection: duckdb.DuckDBPyConnection, frames: pa.Table) -> None:
    """Note the times of the frames that a replay brings, when their MNs have numbers."""
    connection.register("brought", frames.select(["mn", "cn", "data_time", "reason"]))
    connection.execute(_NOTE.format(frames="brought JOIN mns USING (mn)"))


def forget_noted(connection: duckdb.DuckDBPyConnection, upto: int) -> None:
    """Forget replays whose hours were made anew."""
    connection.execute(f"DELETE FROM means_noted WHERE number <= {upto:d}")


def _changed(
    connection: duckdb.DuckDBPyConnection,
    cursors: Cursors,
    before: datetime,
    end_stamped: tuple[str, ...],
) -> tuple[pa.Table, Cursors]:
    ends = dict(connection.execute("SELECT lane, position FROM cursors").fetchall())
    noted = _noted(connection)
    lanes = {lane: _from(cursors.lanes.get(lane), end) for lane, end in ends.items()}
    shift = _shift(connection, end_stamped)

    def by_hour(rows: str) -> str:
        return _BY_HOUR.format(rows=rows, shift=shift, beijing=BEIJING_S, day=DAY_S)

    sources = [
        _SINCE.format(
            part=part,
            lane=lane.replace("'", "''"),
            position=position,
            received=instant(max(0, received_us - _MARGIN_US)),
            good=_GOOD,
        )
        for lane, (position, received_us) in lanes.items()
        if position < ends[lane]
        for part in PARTS
    ] or [
        "SELECT '' AS lane, device, cn, data_time, received_at, position FROM frames_far LIMIT 0"
    ]
    connection.execute(_HOURS_SINCE.format(hours=by_hour(" UNION ALL ".join(sources))))
    received = dict(connection.execute(_LAST).fetchall())
    text = _CHANGED.format(
        noted=by_hour(_NOTED_TIMES.format(noted=cursors.noted)),
        before_s=seconds(before),
    )
    table = connection.sql(text).to_arrow_table().cast(CHANGED)
    behind = {lane: (end, received.get(lane, lanes[lane][1])) for lane, end in ends.items()}
    return table, Cursors(behind, noted)


def _from(known: tuple[int, int] | None, end: int) -> tuple[int, int]:
    """Where to begin in a lane; a journal that was made anew begins at its beginning."""
    if known is None:
        return 0, 0
    position, received = known
    return (position, received) if position <= end else (0, received)


def _noted(connection: duckdb.DuckDBPyConnection) -> int:
    (row,) = connection.execute(
        "SELECT greatest((SELECT coalesce(max(number), 0) FROM means_noted), "
        "(SELECT coalesce(max(noted), 0) FROM means_state))"
    ).fetchall()
    return int(row[0])


def _shift(connection: duckdb.DuckDBPyConnection, end_stamped: tuple[str, ...]) -> str:
    """By how much a time is moved back: behind the beginning of what it belongs to."""
    devices = connection.execute(
        "SELECT device FROM mns WHERE mn IN (SELECT unnest($mns))", {"mns": list(end_stamped)}
    ).fetchall()
    if not devices:
        return "CASE cn WHEN '2011' THEN 1 ELSE 0 END"
    numbers = ", ".join(str(number) for (number,) in devices)
    steps = " ".join(
        f"WHEN '{cn}' THEN {END_STAMP_S[period]}"
        for cn, period in CNS.items()
        if period in END_STAMP_S
    )
    return (
        f"CASE WHEN cn = '2011' THEN 1 WHEN device IN ({numbers}) "
        f"THEN (CASE cn {steps} ELSE 0 END) ELSE 0 END"
    )
