"""What is asked of the DuckDB store: each question as one statement, its answer as an Arrow table.

Results are always read to their end: one that is not keeps its transaction open, and DuckDB could
not bring its log into the file. Tests: tests/store/test_timeseries.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from store.duckdb_schema import (
    CURSORS,
    VALUES,
    arrived_frames,
    columns,
    readings,
    second,
)
from store.timeseries import (
    AGGREGATES,
    COUNTS,
    DEVICES,
    FRAMES,
    READINGS,
    AggregateQuery,
    FrameQuery,
    SampleQuery,
)

_EPOCH = datetime(1970, 1, 1)
_SECOND = timedelta(seconds=1)
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
# Where the hour or the Beijing day of a reading begins.
_STARTS = {
    "hour": "date_trunc('hour', data_time)",
    "day": "date_trunc('day', data_time + INTERVAL 8 HOUR)::TIMESTAMP - INTERVAL 8 HOUR",
}

# The newest times are found first, on three narrow columns, and the rows to them afterwards.
_NEWEST = "(device, channel, data_time) IN (SELECT (device, channel, data_time) FROM newest)"
_LATEST = f"""
    WITH newest AS MATERIALIZED (
        SELECT device, channel, max(data_time) AS data_time FROM (
            SELECT device, channel, data_time FROM samples_near
            UNION ALL SELECT device, channel, data_time FROM samples_far
        ) GROUP BY ALL
    )
    SELECT {columns(READINGS)} FROM (
        SELECT * FROM (
            SELECT *, 1 AS fresh FROM ({readings(_NEWEST, parts=("near", "far"))})
            UNION ALL SELECT *, 0 FROM ({readings(parts=("closed",), closed="latest_closed")})
        ) QUALIFY row_number() OVER (
            PARTITION BY device, channel ORDER BY data_time DESC, fresh DESC
        ) = 1
    ) JOIN mns USING (device) JOIN channels USING (channel) ORDER BY mn, factor, period
"""
_MARKED = "flag IS NOT NULL AND flag NOT IN ('', 'N')"
_AGGREGATES = f"""
    SELECT {{start}} AS start, $mn AS mn, factor, period,
        count(value) FILTER (NOT marked) AS n,
        count(*) FILTER (marked) AS n_marked,
        avg(value) FILTER (NOT marked) AS mean,
        min(value) FILTER (NOT marked) AS min,
        max(value) FILTER (NOT marked) AS max
    FROM (
        SELECT data_time, channel, coalesce(rtd, avg, data) AS value, {_MARKED} AS marked
        FROM ({{rows}})
    ) JOIN channels USING (channel)
    WHERE period = $period GROUP BY ALL
    ORDER BY start DESC, factor DESC LIMIT {{limit}}
"""


def cursors(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Lane -> position."""
    return dict(connection.execute(f"SELECT {columns(CURSORS)} FROM cursors").fetchall())


def totals(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows, as every commit counted them."""
    rows = connection.execute(
        "SELECT name, n FROM totals UNION ALL SELECT 'devices', count(*) FROM devices"
    ).fetchall()
    found = dict(rows)
    return {name: found[name] for name in ("frames", "frames_bad", "samples", "devices")}


def devices(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Rows of DEVICES."""
    return _table(connection, f"SELECT {columns(DEVICES)} FROM devices ORDER BY mn", DEVICES)


def counts(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Rows of COUNTS."""
    query = f"SELECT {columns(COUNTS)} FROM device_counts ORDER BY mn, what, name"
    return _table(connection, query, COUNTS)


def latest(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """The newest row of each series."""
    return _table(connection, _LATEST, READINGS)


def frames(connection: duckdb.DuckDBPyConnection, query: FrameQuery) -> pa.Table:
    """Rows of FRAMES."""
    asked = {
        "start": query.start,
        "end": query.end,
        "reason": query.reason,
        "cn": query.cn,
    }
    terms = [
        term
        for name, term in {
            "start": "received_at >= $start",
            "end": "received_at < $end",
            "reason": "reason = $reason",
            "cn": "cn = $cn",
        }.items()
        if asked[name] is not None
    ]
    if query.errors:
        terms.append("reason <> 'ok'")
    if query.mn is not None:
        device = _device(connection, query.mn)
        if device is None:
            return FRAMES.empty_table()
        terms.append(f"device = {device}")
    wanted = " AND ".join(terms) or "true"
    # The time of the last row wanted is found first, on one narrow column: to carry whole rows
    # through the search for the newest 10,000 of 2 million takes six times as long.
    oldest = (
        f"SELECT min(received_at) FROM (FROM ({arrived_frames(wanted, 'received_at')}) "
        f"ORDER BY received_at DESC LIMIT {query.limit:d})"
    )
    found = arrived_frames(f"{wanted} AND received_at >= ({oldest})")
    text = (
        f"SELECT {columns(FRAMES)} FROM (FROM ({found}) ORDER BY received_at DESC, lane DESC, "
        f"position DESC LIMIT {query.limit:d}) JOIN mns USING (device) "
        "ORDER BY received_at, lane, position"
    )
    parameters = {name: value for name, value in asked.items() if value is not None}
    return _table(connection, text, FRAMES, parameters)


def samples(connection: duckdb.DuckDBPyConnection, query: SampleQuery) -> pa.Table:
    """Rows of READINGS.

    Names and order are given here and not by DuckDB: a month of one factor takes 12 ms of it
    instead of 30.
    """
    device = _device(connection, query.mn)
    channels = _channels(connection, query.factor, query.period)
    if device is None or not channels:
        return READINGS.empty_table()
    chosen = f"device = {device} AND {_of(channels)}{_between(query.start, query.end)}"
    wanted = f"SELECT data_time, channel, {columns(VALUES)}, received_at"
    rows = readings(chosen)
    found = _arrow(connection, f"{wanted} FROM ({rows}) LIMIT {query.limit + 1:d}")
    if found.num_rows > query.limit:
        found = _arrow(
            connection,
            f"{wanted} FROM ({rows}) JOIN channels USING (channel) "
            f"ORDER BY data_time DESC, factor DESC LIMIT {query.limit:d}",
        )
    named = {
        "mn": pa.repeat(query.mn, found.num_rows),
        "factor": _factors(channels, found["channel"]),
        "period": pa.repeat(query.period, found.num_rows),
    }
    table = pa.table(
        [named[name] if name in named else found[name] for name in READINGS.names],
        names=READINGS.names,
    )
    return _in_order(table.cast(READINGS), several=len(channels) > 1)


def aggregates(connection: duckdb.DuckDBPyConnection, query: AggregateQuery) -> pa.Table:
    """Rows of AGGREGATES."""
    device = _device(connection, query.mn)
    channels = _channels(connection, query.factor, query.period)
    if device is None or not channels:
        return AGGREGATES.empty_table()
    chosen = f"device = {device} AND {_of(channels)}"
    start, end = _STARTS[query.step], None
    if query.end is not None:
        end = query.end + _STEPS[query.step] - timedelta(microseconds=1)
    rows = readings(chosen + _between(query.start, end))
    bounds = "".join(
        f" AND {start} {sign} {_ceiled(bound)}::TIMESTAMP"
        for sign, bound in ((">=", query.start), ("<", query.end))
        if bound is not None
    )
    text = _AGGREGATES.format(
        start=start, rows=f"FROM ({rows}) WHERE true{bounds}", limit=query.limit
    )
    parameters = {"mn": query.mn, "period": query.period}
    return _backwards(_table(connection, text, AGGREGATES, parameters))


def _device(connection: duckdb.DuckDBPyConnection, mn: str) -> int | None:
    rows = connection.execute("SELECT device FROM mns WHERE mn = $mn", {"mn": mn}).fetchall()
    return int(rows[0][0]) if rows else None


def _channels(
    connection: duckdb.DuckDBPyConnection, factor: str | None, period: str
) -> dict[int, str]:
    """Channel -> factor, those of a period."""
    found = "SELECT channel, factor FROM channels WHERE period = $period"
    parameters = {"period": period}
    if factor is not None:
        found += " AND factor = $factor"
        parameters["factor"] = factor
    return dict(connection.execute(found, parameters).fetchall())


def _of(channels: dict[int, str]) -> str:
    return f"channel IN ({', '.join(map(str, channels))})"


def _factors(channels: dict[int, str], found: pa.ChunkedArray) -> pa.Array:
    """The names of a column of channels."""
    if len(channels) == 1:
        return pa.repeat(next(iter(channels.values())), len(found))
    numbers = np.array(sorted(channels))
    names = pa.array([channels[number] for number in numbers])
    return names.take(pa.array(np.searchsorted(numbers, found.to_numpy())))


def _in_order(table: pa.Table, *, several: bool) -> pa.Table:
    """Rows of one MN and period by data_time and factor; not touched when they are so already."""
    if several:
        return table.sort_by([("data_time", "ascending"), ("factor", "ascending")])
    times = table["data_time"].cast(pa.int64()).to_numpy()
    if np.all(times[1:] >= times[:-1]):
        return table
    return table.take(pa.array(np.argsort(times, kind="stable")))


def _between(start: datetime | None, end: datetime | None) -> str:
    terms = ""
    if start is not None:
        terms += f" AND data_time >= {_ceiled(start)}"
    if end is not None:
        terms += f" AND data_time < {_ceiled(end)}"
    return terms


def _ceiled(bound: datetime) -> str:
    """The first whole second that is not before the bound: the times of samples are such."""
    return second(-((_EPOCH - bound) // _SECOND))


def _backwards(table: pa.Table) -> pa.Table:
    """The newest rows were asked for, and so the newest come first."""
    return table.take(pa.array(range(table.num_rows - 1, -1, -1), pa.int64()))


def _table(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    schema: pa.Schema,
    parameters: dict[str, Any] | None = None,
) -> pa.Table:
    return _arrow(connection, query, parameters).cast(schema)


def _arrow(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any] | None = None
) -> pa.Table:
    return connection.sql(query, params=parameters).to_arrow_table()
