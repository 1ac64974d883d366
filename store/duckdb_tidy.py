"""Closed days rewritten in order of device, channel and data_time, a slice of devices at a time.

In order of arrival the values of one station and factor lie one in each of thousands of places; in
this order they lie together: a month reads in milliseconds and takes a third of the room. A day is
closed some hours after its end; once the last day of a span of ten is closed, the whole span is
written once more, so that a query of a month finds a handful of places and not thirty.

A step is one transaction beside running commits. Whoever is second to delete the same row (a value
that is replaced while it moves) gets duckdb.TransactionException, and nothing of his is done.
Tests: tests/store/test_duckdb_tidy.py.
"""

from __future__ import annotations

from typing import NamedTuple

import duckdb

from store import duckdb_closed
from store.duckdb_schema import PARTS, second

DAY_S = 86_400
SPAN_S = 10 * DAY_S
# Midnight in Beijing, from which days and spans are counted.
_MIDNIGHT_S = -8 * 3600

SLICE_ROWS = 500_000  # sorted in about a second and 200 MB; DuckDB spills the rest to disk
# So many samples for days that are closed are worth a walk before the next day is closed.
LATE_ROWS = 1_000_000

_STATE = """
    SELECT closed_before, ordered_before, ordered_device, tidied.late, totals.n
    FROM tidied, totals WHERE totals.name = 'late'
"""
_OLDEST = "SELECT epoch(min(data_time))::BIGINT FROM samples_{table} WHERE {chosen}"
_BY_DEVICE = "SELECT device, count(*) AS n FROM ({rows}) GROUP BY device ORDER BY device"


class _State(NamedTuple):
    closed_before: int | None
    ordered_before: int | None
    ordered_device: int | None
    late_closed: int
    late: int


def step(connection: duckdb.DuckDBPyConnection, until_s: int) -> bool:
    """Do one step for days that end by ``until_s`` (seconds since 1970, UTC); whether there is
    more to do."""
    connection.execute("BEGIN")
    try:
        more = _step(connection, _floor(until_s, DAY_S))
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise
    return more


def _step(connection: duckdb.DuckDBPyConnection, until: int) -> bool:
    (row,) = connection.execute(_STATE).fetchall()
    state = _State(*row)
    spans_until = _floor(until, SPAN_S)
    if state.ordered_before is None or state.ordered_before < spans_until:
        _order(connection, state, spans_until)
        return True
    if (
        state.closed_before is None
        or state.closed_before < until
        or state.late - state.late_closed >= LATE_ROWS
    ):
        return _close(connection, state, until)
    return False


def _order(connection: duckdb.DuckDBPyConnection, state: _State, until: int) -> None:
    """The next slice of the oldest span that is over and was never put in order."""
    tables = ("closed", *PARTS)
    begun = (
        "true" if state.ordered_before is None else f"data_time >= {second(state.ordered_before)}"
    )
    chosen = f"{begun} AND data_time < {second(until)}"
    oldest = [
        row[0]
        for table in tables
        for row in connection.execute(_OLDEST.format(table=table, chosen=chosen)).fetchall()
        if row[0] is not None
    ]
    if not oldest:
        _note(connection, ordered_before=str(until), ordered_device="NULL")
        return
    start = _floor(min(oldest), SPAN_S)
    span = f"data_time >= {second(start)} AND data_time < {second(start + SPAN_S)}"
    after = -1 if start != state.ordered_before else state.ordered_device
    found = _slice(connection, tables, f"{span} AND device > {-1 if after is None else after}")
    if found is None:
        _note(connection, ordered_before=str(start + SPAN_S), ordered_device="NULL")
        return
    first, last = found
    duckdb_closed.put_in_order(connection, f"{span} AND device BETWEEN {first} AND {last}")
    _note(connection, ordered_before=str(start), ordered_device=str(last))
    _note_closing(connection, start + SPAN_S)


def _close(connection: duckdb.DuckDBPyConnection, state: _State, until: int) -> bool:
    """The next slice of the samples that are older than ``until``."""
    over = f"data_time < {second(until)}"
    found = _slice(connection, PARTS, over)
    if found is None:
        _note(connection, closed_before=str(until), late=str(state.late))
        return False
    first, last = found
    duckdb_closed.close(connection, f"{over} AND device BETWEEN {first} AND {last}")
    _note_closing(connection, until)
    return True


def _slice(
    connection: duckdb.DuckDBPyConnection, tables: tuple[str, ...], chosen: str
) -> tuple[int, int] | None:
    """First and last of the devices that come next, SLICE_ROWS of them but one at the least."""
    rows = " UNION ALL ".join(
        f"SELECT device FROM samples_{table} WHERE {chosen}" for table in tables
    )
    counted = connection.execute(_BY_DEVICE.format(rows=rows)).fetchall()
    if not counted:
        return None
    last, total = counted[0]
    for device, count in counted[1:]:
        total += count
        if total > SLICE_ROWS:
            break
        last = device
    return counted[0][0], last


def _note(connection: duckdb.DuckDBPyConnection, **values: str) -> None:
    changes = ", ".join(f"{name} = {value}" for name, value in values.items())
    connection.execute(f"UPDATE tidied SET {changes}")


def _note_closing(connection: duckdb.DuckDBPyConnection, before: int) -> None:
    _note(connection, closing_before=f"greatest(closing_before, {before})")


def _floor(time_s: int, length_s: int) -> int:
    return _MIDNIGHT_S + (time_s - _MIDNIGHT_S) // length_s * length_s


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:
        pass
