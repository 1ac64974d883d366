"""What is asked of the ClickHouse store: each question as one statement.

Rows are asked for as they are once equal keys are merged (FINAL). Tests:
tests/store/test_timeseries.py, test_engines_agree.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from store import clickhouse_rows
from store.clickhouse_days import BEIJING_US, DAY_US, HOUR_US, start_of
from store.clickhouse_engine import Engine, quoted
from store.clickhouse_lookup import instant
from store.clickhouse_schema import VALUES
from store.clickhouse_state import horizon
from store.timeseries import (
    AGGREGATES,
    COUNTS,
    DEVICES,
    AggregateQuery,
    FrameQuery,
    SampleQuery,
)

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_TIME = pa.timestamp("us")

_FRAME_COLUMNS = (
    "received_at, origin, place, link, mn, st, cn, qn, data_time, version, flag, pnum, pno, rf, "
    "encrypted, reason, repairs, warnings, key_time, timed, digest, raw"
)
_READING_COLUMNS = (
    "data_time, mn, factor, period, lag, "
    + ", ".join(f"`{name}`" for name in VALUES)
    + ", flag, e_flag, extra, rf"
)
_LANE = "substringIndex(origin, '/', -1)"

# Up to so many rows on disk, equal keys counted twice among them, totals are counted exactly.
_EXACT_ROWS = 20_000_000

# A row's value and whether it is marked, and what hours keep of them.
_VALUE = "if(isNaN(rtd), if(isNaN(avg), data, avg), rtd)"
_MARKED = "ifNull(flag NOT IN ('', 'N'), false)"
SUMMARY = f"""
    countIf(NOT isNaN({_VALUE}) AND NOT {_MARKED}) AS n,
    countIf({_MARKED}) AS n_marked,
    sumIf({_VALUE}, NOT isNaN({_VALUE}) AND NOT {_MARKED}) AS sum,
    if(n > 0, minIf({_VALUE}, NOT isNaN({_VALUE}) AND NOT {_MARKED}), nan) AS low,
    if(n > 0, maxIf({_VALUE}, NOT isNaN({_VALUE}) AND NOT {_MARKED}), nan) AS high
"""
_STEP_US = {"hour": HOUR_US, "day": DAY_US}


def frames(engine: Engine, query: FrameQuery) -> pa.Table:
    """Rows of FRAMES in order of receipt, the newest ``limit`` of them."""
    terms = [
        *_equal(mn=query.mn, reason=query.reason, cn=query.cn),
        *_between("received_at", query.start, query.end),
    ]
    if query.errors:
        terms.append("reason <> 'ok'")
    # The time of the last row wanted is found first, on few narrow columns.
    oldest = (
        f"SELECT received_at FROM frames FINAL {_where(terms)} "
        f"ORDER BY received_at DESC LIMIT {query.limit:d}"
    )
    terms.append(f"received_at >= (SELECT min(received_at) FROM ({oldest}))")
    found = engine.query(
        f"SELECT {_FRAME_COLUMNS} FROM frames FINAL {_where(terms)} "
        f"ORDER BY received_at DESC, {_LANE} DESC, place DESC LIMIT {query.limit:d}"
    )
    return _reversed(clickhouse_rows.frames(found))


def samples(engine: Engine, query: SampleQuery) -> pa.Table:
    """Rows of READINGS in order of data_time, mn, factor, the newest ``limit`` of them."""
    terms = [
        *_equal(mn=query.mn, factor=query.factor, period=query.period),
        *_between("data_time", query.start, query.end),
    ]
    found = engine.query(
        f"SELECT {_READING_COLUMNS} FROM samples FINAL {_where(terms)} "
        f"ORDER BY data_time DESC, factor DESC LIMIT {query.limit:d}"
    )
    return _reversed(clickhouse_rows.readings(found))


def aggregates(engine: Engine, query: AggregateQuery) -> pa.Table:
    """Rows of AGGREGATES in order of start, mn, factor, the newest ``limit`` of them.

    Hours made in advance where they stand for the samples, the samples themselves elsewhere.
    """
    step = _STEP_US[query.step]
    first, end = (_at(bound) for bound in (query.start, query.end))
    # The first step that begins at or after the start; the last one that begins before the end.
    low = None if first is None else -(-(first + BEIJING_US) // step) * step - BEIJING_US
    high = None if end is None else -(-(end + BEIJING_US) // step) * step - BEIJING_US
    late = engine.query(f"SELECT DISTINCT day FROM late FINAL WHERE mn = {quoted(query.mn)}")[
        "day"
    ].to_pylist()
    made_before = instant(start_of(horizon(engine)))
    key = _equal(mn=query.mn, factor=query.factor, period=query.period)

    def bounds(column: str) -> list[str]:
        return [
            *([f"{column} >= {instant(low)}"] if low is not None else []),
            *([f"{column} < {instant(high)}"] if high is not None else []),
        ]

    def of_late_days(column: str) -> str:
        return f"{_day(column)} IN ({', '.join(map(str, late))})" if late else "false"

    hours = "SELECT start, factor, period, n, n_marked, sum, low, high FROM hours FINAL " + _where(
        [
            *key,
            *bounds("start"),
            f"start < {made_before}",
            f"NOT {of_late_days('start')}",
        ]
    )
    live = (
        f"SELECT {_start('data_time', HOUR_US)} AS start, factor, period, {SUMMARY} "
        "FROM samples FINAL "
        + _where(
            [
                *key,
                *bounds("data_time"),
                f"(data_time >= {made_before} OR {of_late_days('data_time')})",
            ]
        )
        + " GROUP BY start, factor, period"
    )
    found = engine.query(
        f"SELECT {_start('start', step)} AS begin, factor, period, "
        "toInt64(sum(n)) AS count, toInt64(sum(n_marked)) AS marked, "
        "if(count > 0, sum(sum) / count, NULL) AS mean, "
        "minIf(low, n > 0) AS least, maxIf(high, n > 0) AS most "
        f"FROM ({hours} UNION ALL {live}) GROUP BY begin, factor, period "
        f"ORDER BY begin DESC, factor DESC LIMIT {query.limit:d}"
    )
    counted = pc.greater(found["count"], 0)
    columns = {
        "start": found["begin"].cast(pa.int64()).cast(_TIME),
        "mn": pa.array([query.mn] * found.num_rows, pa.string()),
        "factor": found["factor"],
        "period": found["period"],
        "n": found["count"],
        "n_marked": found["marked"],
        "mean": found["mean"],
        "min": pc.if_else(counted, found["least"], None),
        "max": pc.if_else(counted, found["most"], None),
    }
    return _reversed(_as(columns, AGGREGATES))


def latest(engine: Engine) -> pa.Table:
    """For each (mn, factor, period) the row of READINGS with the newest data_time."""
    found = engine.query(
        f"SELECT {_READING_COLUMNS} FROM samples FINAL "
        "WHERE (mn, factor, period, data_time) IN ("
        "SELECT mn, factor, period, max(data_time) FROM samples FINAL "
        "GROUP BY mn, factor, period) ORDER BY mn, factor, period"
    )
    return clickhouse_rows.readings(found)


def devices(engine: Engine) -> pa.Table:
    """Rows of DEVICES in order of MN."""
    found = engine.query(
        "SELECT mn, described.st AS st, described.version AS version, first_seen, last_seen, "
        "last_data_time FROM devices FINAL ORDER BY mn"
    )
    columns = {name: found[name] for name in DEVICES.names}
    for name in ("first_seen", "last_seen", "last_data_time"):
        columns[name] = found[name].cast(pa.int64()).cast(_TIME)
    return _as(columns, DEVICES)


def counts(engine: Engine) -> pa.Table:
    """COUNTS, summed since the store was made."""
    found = engine.query(
        "SELECT mn, what, name, sum(counts.n) AS n FROM counts FINAL GROUP BY mn, what, name "
        "HAVING n <> 0 ORDER BY mn, what, name"
    )
    return _as({name: found[name] for name in COUNTS.names}, COUNTS)


def totals(engine: Engine) -> dict[str, int]:
    """Rows: {"frames", "frames_bad", "samples", "devices"}.

    In a store of many millions of rows those are counted that stand on disk, a few that will be
    merged into others among them.
    """
    return {
        "frames": _count(engine, "frames"),
        "frames_bad": _scalar(engine, "SELECT count() FROM frames FINAL WHERE reason <> 'ok'"),
        "samples": _count(engine, "samples"),
        "devices": _scalar(engine, "SELECT count() FROM devices FINAL"),
    }


def _count(engine: Engine, table: str) -> int:
    rows = _scalar(engine, f"SELECT count() FROM {table}")
    if rows <= _EXACT_ROWS:
        return _scalar(engine, f"SELECT count() FROM {table} FINAL")
    return rows


def _scalar(engine: Engine, sql: str) -> int:
    value: int = engine.query(sql).column(0)[0].as_py()
    return value


def _equal(**wanted: str | None) -> list[str]:
    return [f"{name} = {quoted(value)}" for name, value in wanted.items() if value is not None]


def _between(column: str, start: datetime | None, end: datetime | None) -> list[str]:
    return [
        f"{column} {sign} {instant(at)}"
        for sign, bound in ((">=", start), ("<", end))
        if (at := _at(bound)) is not None
    ]


def _where(terms: list[str]) -> str:
    return "WHERE " + " AND ".join(terms) if terms else ""


def _at(time: datetime | None) -> int | None:
    return None if time is None else (time - _EPOCH) // _MICROSECOND


def _start(column: str, step_us: int) -> str:
    """Where the step begins in which a time lies; hours and Beijing days."""
    time_us = f"toUnixTimestamp64Micro({column})"
    shifted = f"({time_us} + {BEIJING_US})"
    return f"fromUnixTimestamp64Micro({time_us} - positiveModulo({shifted}, {step_us}), 'UTC')"


def _day(column: str) -> str:
    """The Beijing day of a time, since 1970."""
    shifted = f"(toUnixTimestamp64Micro({column}) + {BEIJING_US})"
    return f"intDiv({shifted} - positiveModulo({shifted}, {DAY_US}), {DAY_US})"


def _reversed(rows: pa.Table) -> pa.Table:
    backwards = pa.array(np.arange(rows.num_rows - 1, -1, -1))
    columns = [
        column if column.null_count == rows.num_rows else column.take(backwards)
        for column in rows.columns
    ]
    return pa.table(columns, schema=rows.schema)


def _as(columns: dict[str, Any], schema: pa.Schema) -> pa.Table:
    return pa.table([columns[field.name] for field in schema], names=schema.names).cast(schema)
