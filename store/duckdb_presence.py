"""How complete the samples of the DuckDB store are: counts by Beijing day, steps, times.

Closed days are counted once, when they are closed, into ``presence_closed``; what came since, and
days of which only a part is asked for, are counted when somebody asks.
Tests: tests/store/test_timeseries_presence.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from store.duckdb_schema import PARTS, second
from store.lateness import MINUTE, length_sql, minute_length_sql
from store.timeseries import PRESENCE, SLOTS, SPACINGS, PresenceQuery, SlotQuery

_EPOCH = datetime(1970, 1, 1)
_SECOND = timedelta(seconds=1)
_DAY_S = 86_400
_BEIJING_S = 8 * 3600

_DAY = f"((epoch_us(data_time::TIMESTAMP) // 1000000 + {_BEIJING_S}) // {_DAY_S})::INTEGER"
_BEGINS = f"make_timestamp((day::BIGINT * {_DAY_S} - {_BEIJING_S}) * 1000000)"
_VALID = (
    "(flag IS NULL OR flag IN ('', 'N')) AND coalesce(rtd, avg, data, cou, day_data) IS NOT NULL"
)
_ARRIVED_DELAY_S = "epoch_us(received_at) // 1000000 - epoch_us(data_time) // 1000000"
_DELAYS_S = {"closed": "delay_s", **dict.fromkeys(PARTS, _ARRIVED_DELAY_S)}
# A length of its own each channel has, but of minutes it goes by the time.
_LENGTHS = (
    f"(SELECT channel, period = '{MINUTE}' AS by_minute, {length_sql('period')} AS length_s "
    "FROM channels)"
)
_LENGTH_S = (
    f"CASE WHEN by_minute THEN {minute_length_sql('minute(data_time::TIMESTAMP)')} "
    "ELSE length_s END"
)
_LIMIT = "late_after_s"
_COUNTS = ("received", "valid", "resent", "late")

_OF_GONE = f"(device, channel, {{day}}) IN (SELECT (device, channel, {_DAY}) FROM gone)"
_NEW_COUNTS_OF_GONE = f"device IN (SELECT device FROM gone) AND {_OF_GONE.format(day=_DAY)}"

_ADDED_UP = f"""
    SELECT device, channel, day,
        {", ".join(f"sum({name})::BIGINT AS {name}" for name in _COUNTS)},
        min(first)::TIMESTAMP AS first, max(last)::TIMESTAMP AS last
    FROM ({{counts}}) GROUP BY ALL
"""
_PRESENCE = f"""
    SELECT {_BEGINS} AS day, mn, factor, period, {", ".join(_COUNTS)}, first, last
    FROM ({_ADDED_UP}) JOIN mns USING (device) JOIN channels USING (channel)
    ORDER BY day, mn, factor, period
"""
_SPACINGS = f"""
    WITH fullest AS MATERIALIZED (
        SELECT device, channel, day FROM ({_ADDED_UP}) JOIN channels USING (channel)
        QUALIFY row_number() OVER (
            PARTITION BY device, period, day ORDER BY received DESC, factor
        ) = 1
    ), steps AS (
        SELECT device, channel, day, epoch_us(data_time - lag(data_time) OVER (
            PARTITION BY device, channel, day ORDER BY data_time
        )) // 1000000 AS spacing_s
        FROM (SELECT *, {_DAY} AS day FROM ({{times}})) SEMI JOIN fullest
        USING (device, channel, day)
    )
    SELECT {_BEGINS} AS day, mn, period, spacing_s, n FROM (
        SELECT device, channel, day, spacing_s, count(*) AS n FROM steps
        WHERE spacing_s IS NOT NULL GROUP BY device, channel, day, spacing_s
        QUALIFY row_number() OVER (
            PARTITION BY device, channel, day ORDER BY count(*) DESC, spacing_s
        ) = 1
    ) JOIN mns USING (device) JOIN channels USING (channel) ORDER BY day, mn, period
"""


def set_limit(connection: duckdb.DuckDBPyConnection, late_after_s: float) -> None:
    """Say to a connection when a value is late (lateness.py); nothing is counted before."""
    connection.execute(f"SET VARIABLE {_LIMIT} = '{float(late_after_s)}'::DOUBLE")


def note_closed(connection: duckdb.DuckDBPyConnection, chosen: str) -> None:
    """Count the arrived samples, chosen by a condition, that now are among the closed ones."""
    counts = _union(_counted(part, chosen) for part in PARTS)
    connection.execute(f"INSERT INTO presence_closed {counts}")


def note_gone(connection: duckdb.DuckDBPyConnection) -> None:
    """Count anew the days of closed samples that were deleted; a table ``gone`` holds their
    device, channel and data_time."""
    connection.execute(f"DELETE FROM presence_closed WHERE {_OF_GONE.format(day='day')}")
    counts = _counted("closed", _NEW_COUNTS_OF_GONE)
    connection.execute(f"INSERT INTO presence_closed {counts}")


def count_closed(connection: duckdb.DuckDBPyConnection) -> None:
    """Count all closed samples, in a file whose closed days were never counted."""
    connection.execute(f"INSERT INTO presence_closed {_counted('closed', 'true')}")


def miscounted() -> str:
    """A query for how many series have days that are counted otherwise than they are; late values
    by what was late when the day was closed."""
    noted, found = (
        f"SELECT * EXCLUDE (late) FROM ({_ADDED_UP.format(counts=counts)})"
        for counts in ("FROM presence_closed", _counted("closed", "true"))
    )
    return f"SELECT count(*) FROM (({noted} EXCEPT {found}) UNION ALL ({found} EXCEPT {noted}))"


def presence(connection: duckdb.DuckDBPyConnection, query: PresenceQuery) -> pa.Table:
    """Rows of PRESENCE."""
    asked = _asked(connection, query)
    if asked is None:
        return PRESENCE.empty_table()
    text = _PRESENCE.format(counts=_counts(query, asked))
    return connection.sql(text).to_arrow_table().cast(PRESENCE)


def spacings(connection: duckdb.DuckDBPyConnection, query: PresenceQuery) -> pa.Table:
    """Rows of SPACINGS."""
    asked = _asked(connection, query)
    if asked is None:
        return SPACINGS.empty_table()
    chosen = f"{asked} AND {_within(_whole_s(query.start), _whole_s(query.end))}"
    text = _SPACINGS.format(
        counts=_counts(query, asked), times=_times("device, channel, data_time", chosen)
    )
    return connection.sql(text).to_arrow_table().cast(SPACINGS)


def slots(connection: duckdb.DuckDBPyConnection, query: SlotQuery) -> pa.Table:
    """One column, data_time."""
    asked = _asked(
        connection,
        PresenceQuery(query.start, query.end, mns=(query.mn,), periods=(query.period,)),
    )
    if asked is None:
        return SLOTS.empty_table()
    chosen = f"{asked} AND {_within(_whole_s(query.start), _whole_s(query.end))}"
    text = f"SELECT DISTINCT data_time FROM ({_times('data_time', chosen)}) ORDER BY data_time"
    return connection.sql(text).to_arrow_table().cast(SLOTS)


def _counts(query: PresenceQuery, asked: str) -> str:
    """Counts of all samples in the bounds; where a whole day is asked for, those noted of closed
    ones."""
    start, end = _whole_s(query.start), _whole_s(query.end)
    first, behind = -(-(start + _BEIJING_S) // _DAY_S), (end + _BEIJING_S) // _DAY_S
    parts = [_counted(part, f"{asked} AND {_within(start, end)}") for part in PARTS]
    if first >= behind:
        return _union([*parts, _counted("closed", f"{asked} AND {_within(start, end)}")])
    parts.append(f"FROM presence_closed WHERE {asked} AND day >= {first} AND day < {behind}")
    for part_of_day in ((start, first * _DAY_S - _BEIJING_S), (behind * _DAY_S - _BEIJING_S, end)):
        if part_of_day[0] < part_of_day[1]:
            parts.append(_counted("closed", f"{asked} AND {_within(*part_of_day)}"))
    return _union(parts)


def _counted(table: str, chosen: str) -> str:
    """A query that counts the chosen samples of a table, in the form of ``presence_closed``."""
    return f"""
        SELECT device, channel, {_DAY} AS day,
            count(*)::INTEGER AS received,
            (count(*) FILTER ({_VALID}))::INTEGER AS valid,
            (count(*) FILTER (rf))::INTEGER AS resent,
            (count(*) FILTER (
                {_DELAYS_S[table]} > {_LENGTH_S} + getvariable('{_LIMIT}')
            ))::INTEGER AS late,
            min(data_time)::TIMESTAMP_S AS first,
            max(data_time)::TIMESTAMP_S AS last
        FROM samples_{table} JOIN {_LENGTHS} USING (channel) WHERE {chosen} GROUP BY ALL
    """


def _times(wanted: str, chosen: str) -> str:
    return _union(
        f"SELECT {wanted.replace('data_time', 'data_time::TIMESTAMP AS data_time')} "
        f"FROM samples_{table} WHERE {chosen}"
        for table in ("closed", *PARTS)
    )


def _asked(connection: duckdb.DuckDBPyConnection, query: PresenceQuery) -> str | None:
    """The condition on device and channel; None when it fits nothing."""
    terms = []
    if query.mns is not None:
        rows = connection.execute(
            "SELECT device FROM mns WHERE mn IN (SELECT unnest($mns))", {"mns": list(query.mns)}
        ).fetchall()
        terms.append(("device", rows))
    channels = connection.execute(
        "SELECT channel FROM channels WHERE period IN (SELECT unnest($periods)) "
        "AND ($factor IS NULL OR factor = $factor)",
        {"periods": list(query.periods), "factor": query.factor},
    ).fetchall()
    terms.append(("channel", channels))
    if not all(numbers for _, numbers in terms):
        return None
    return " AND ".join(
        f"{name} IN ({', '.join(str(number) for (number,) in numbers)})" for name, numbers in terms
    )


def _within(start_s: int, end_s: int) -> str:
    return f"data_time >= {second(start_s)} AND data_time < {second(end_s)}"


def _whole_s(bound: datetime) -> int:
    """The first whole second that is not before the bound: the times of samples are such."""
    return -((_EPOCH - bound) // _SECOND)


def _union(queries: Iterable[str]) -> str:
    return " UNION ALL ".join(f"({query})" for query in queries)
