"""How complete the samples of the ClickHouse store are: counts by Beijing day, steps, times.

Closed days were counted by tidy; open days, days that something came late for and days of which
only a part is asked for are counted when somebody asks.
Tests: tests/store/test_timeseries_presence.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from store.clickhouse_days import BEIJING_US, DAY_US, start_of
from store.clickhouse_engine import Engine, listed, quoted
from store.clickhouse_lookup import instant
from store.clickhouse_rows import GENERATION
from store.clickhouse_schema import LAG_BIAS
from store.clickhouse_state import horizon
from store.lateness import MINUTE, length_sql, minute_length_sql
from store.timeseries import PRESENCE, SLOTS, SPACINGS, PresenceQuery, SlotQuery

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_TIME = pa.timestamp("us")
_MNS_AT_ONCE = 5000
# More late days than these of single MNs are counted as late for all MNs.
_LATE_AT_MOST = 2000

_MARKED = "ifNull(flag NOT IN ('', 'N'), false)"
_VALUED = " OR ".join(f"NOT isNaN({name})" for name in ("rtd", "avg", "data", "cou", "day_data"))
_DELAY_S = f"toInt64(lag % {GENERATION}) - {LAG_BIAS}"
_MINUTE_LENGTH_S = minute_length_sql("toMinute(data_time, 'UTC')")
_LENGTH_S = f"if(period = '{MINUTE}', {_MINUTE_LENGTH_S}, {length_sql('period')})"
_COUNTS = ("received", "valid", "resent", "late")
_KEY = "mn, factor, period"


def presence(engine: Engine, query: PresenceQuery, late_after_s: float) -> pa.Table:
    """Rows of PRESENCE."""
    found = [
        engine.query(
            f"SELECT day, {_KEY}, {', '.join(_COUNTS)}, first, last "
            f"FROM ({_counts(engine, query, mns, late_after_s)})"
        )
        for mns in _portions(query)
    ]
    return _answer(found, PRESENCE, ["day", "mn", "factor", "period"])


def count_days(
    engine: Engine, start: int, end: int, mns: list[str], late_after_s: float, roll: int
) -> None:
    """Put counts of whole days into ``days``, in place of those with a lower ``roll``. Bounds:
    microseconds, the beginnings of days."""
    terms = [f"mn IN {listed(mns)}", _within("data_time", start, end)]
    engine.run(
        f"INSERT INTO days (start, {_KEY}, roll, {', '.join(_COUNTS)}, first, last) "
        f"SELECT fromUnixTimestamp64Micro(day * {DAY_US} - {BEIJING_US}, 'UTC'), {_KEY}, {roll}, "
        f"{', '.join(_COUNTS)}, first, last FROM ({_live(terms, late_after_s)})"
    )


def spacings(engine: Engine, query: PresenceQuery) -> pa.Table:
    """Rows of SPACINGS."""
    return _answer(
        [engine.query(_spacings(engine, query, mns)) for mns in _portions(query)],
        SPACINGS,
        ["day", "mn", "period"],
    )


def slots(engine: Engine, query: SlotQuery) -> pa.Table:
    """Rows of SLOTS."""
    start, end = _at(query.start), _at(query.end)
    found = engine.query(
        f"SELECT DISTINCT data_time FROM samples FINAL PREWHERE mn = {quoted(query.mn)} "
        f"AND period = {quoted(query.period)} AND {_within('data_time', start, end)} "
        "ORDER BY data_time"
    )
    return _answer([found], SLOTS, ["data_time"])


def _portions(query: PresenceQuery) -> list[tuple[str, ...] | None]:
    """The MNs asked for, so many at once as a statement can name; None: all."""
    if query.start >= query.end or not query.periods:
        return []
    if query.mns is None:
        return [None]
    return [
        query.mns[first : first + _MNS_AT_ONCE] for first in range(0, len(query.mns), _MNS_AT_ONCE)
    ]


def _spacings(engine: Engine, query: PresenceQuery, mns: tuple[str, ...] | None) -> str:
    fullest = (
        f"SELECT {_KEY}, day FROM ({_counts(engine, query, mns, 0.0)}) "
        "ORDER BY received DESC, factor LIMIT 1 BY mn, period, day"
    )
    times = (
        f"SELECT mn, period, {_day('data_time')} AS day, "
        "arraySort(groupArray(intDiv(toUnixTimestamp64Micro(data_time), 1000000))) AS times "
        f"FROM samples FINAL PREWHERE {_chosen(query, mns)} "
        f"AND {_within('data_time', _at(query.start), _at(query.end))} "
        f"WHERE ({_KEY}, {_day('data_time')}) GLOBAL IN ({fullest}) "
        "GROUP BY mn, period, day"
    )
    return (
        "SELECT day, mn, period, spacing_s, toInt64(count()) AS n FROM ("
        "SELECT day, mn, period, arrayJoin(arrayPopFront(arrayDifference(times))) AS spacing_s "
        f"FROM ({times})) GROUP BY day, mn, period, spacing_s "
        "ORDER BY n DESC, spacing_s LIMIT 1 BY day, mn, period"
    )


def _counts(
    engine: Engine, query: PresenceQuery, mns: tuple[str, ...] | None, late_after_s: float
) -> str:
    """Counts by day, as numbers since 1970, of all samples in the bounds; each day is in one part
    of the answer alone."""
    start, end = _at(query.start), _at(query.end)
    first = start_of(-(-(start + BEIJING_US) // DAY_US))
    behind = min(start_of((end + BEIJING_US) // DAY_US), start_of(horizon(engine)))
    chosen = _chosen(query, mns)
    spans = [(start, end)]
    parts = []
    if first < behind:
        spans = [(start, first), (behind, end)]
        made = [chosen, _within("start", first, behind)]
        late = _late(engine, mns, first, behind)
        if late:
            made.append(f"NOT {late('start')}")
            again = [_within("data_time", first, behind), late("data_time")]
            parts.append(_live([chosen, *again], late_after_s))
        parts.append(_made(made))
    parts += [
        _live([chosen, _within("data_time", *span)], late_after_s)
        for span in spans
        if span[0] < span[1]
    ]
    return " UNION ALL ".join(parts)


def _made(terms: list[str]) -> str:
    """Days that were counted."""
    return (
        f"SELECT {_day('start')} AS day, {_KEY}, {', '.join(_COUNTS)}, first, last "
        f"FROM days FINAL PREWHERE {' AND '.join(terms)}"
    )


def _live(terms: list[str], late_after_s: float) -> str:
    """Counts of samples. The terms are on columns of the key: where they hold or do not, they do
    so for all rows with an equal one, so that they may be asked before those are merged (half the
    time)."""
    return f"""
        SELECT {_day("data_time")} AS day, {_KEY}, count() AS received,
            countIf(({_VALUED}) AND NOT {_MARKED}) AS valid,
            countIf(rf) AS resent,
            countIf({_DELAY_S} > {_LENGTH_S} + {late_after_s}) AS late,
            min(data_time) AS first,
            max(data_time) AS last
        FROM samples FINAL PREWHERE {" AND ".join(terms)} GROUP BY day, {_KEY}
    """


def _late(
    engine: Engine, mns: tuple[str, ...] | None, start: int, end: int
) -> Callable[[str], str] | None:
    """What makes the condition, on MN and a column of times, that days are to be counted anew;
    None when there are no such days."""
    bounds = f"day >= {(start + BEIJING_US) // DAY_US} AND day <= {(end + BEIJING_US) // DAY_US}"
    found = engine.query(
        "SELECT DISTINCT mn, day FROM late FINAL "
        f"WHERE {bounds}{'' if mns is None else f' AND mn IN {listed(list(mns))}'} "
        "ORDER BY mn, day"
    ).to_pylist()
    if not found:
        return None
    if len(found) > _LATE_AT_MOST:
        days = ", ".join(map(str, sorted({row["day"] for row in found})))
        return lambda column: f"{_day(column)} IN ({days})"
    pairs = ", ".join(f"({quoted(row['mn'])}, {row['day']})" for row in found)
    return lambda column: f"(mn, {_day(column)}) IN ({pairs})"


def _chosen(query: PresenceQuery, mns: tuple[str, ...] | None) -> str:
    terms = [f"period IN {listed(list(query.periods))}"]
    if mns is not None:
        terms.append(f"mn IN {listed(list(mns))}")
    if query.factor is not None:
        terms.append(f"factor = {quoted(query.factor)}")
    return " AND ".join(terms)


def _within(column: str, start: int, end: int) -> str:
    return f"{column} >= {instant(start)} AND {column} < {instant(end)}"


def _at(time: datetime) -> int:
    return (time - _EPOCH) // _MICROSECOND


def _day(column: str) -> str:
    """The Beijing day of a time, since 1970."""
    shifted = f"(toUnixTimestamp64Micro({column}) + {BEIJING_US})"
    return f"intDiv({shifted} - positiveModulo({shifted}, {DAY_US}), {DAY_US})"


def _answer(found: list[pa.Table], schema: pa.Schema, order: list[str]) -> pa.Table:
    """Parts of an answer as one table; days as the times at which they begin."""
    tables = [_as(table, schema) for table in found]
    whole = pa.concat_tables([schema.empty_table(), *tables])
    return whole.sort_by([(name, "ascending") for name in order])


def _as(found: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = []
    for field in schema:
        column = found[field.name]
        if field.name == "day":
            column = pc.subtract(pc.multiply(column, DAY_US), BEIJING_US).cast(_TIME)
        elif field.type == _TIME:
            column = column.cast(pa.int64()).cast(_TIME)
        elif pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        columns.append(column.cast(field.type))
    return pa.table(columns, schema=schema)
