"""Sums of hours, minutes and days from the samples of the ClickHouse store.

The expressions are those of duckdb_means_sums.py, so that the same rows give the same bits: a
value is rounded to an integer (halves to even in both), and integers are summed.
Tests: tests/store/test_means_store.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from store.clickhouse_engine import Engine, listed, quoted
from store.clickhouse_lookup import instant
from store.clickhouse_rows import GENERATION
from store.clickhouse_schema import LAG_BIAS
from store.integer_tables import COSINES_E9, LOWEST_K, MANTISSAS, OVER, SINES_E9, TIMES
from store.means import HOUR_SUMS, LEAST_LEVEL, MOST_LEVEL, MOST_VALUE, Exclusion, HourSumsQuery
from store.means_asked import (
    END_STAMP_S,
    EPOCH,
    REALTIME_S,
    STEPS_S,
    Asked,
    Said,
    asked,
    just_pairs,
    said,
)

_US = 1_000_000
_MICROSECOND = timedelta(microseconds=1)
_DATA_S = "intDiv(toUnixTimestamp64Micro(data_time), 1000000)"
_AHEAD_S = f"{LAG_BIAS} - toInt64(lag % {GENERATION})"
_REALTIME = "period = 'realtime'"
_FIRST = "if(isNaN({0}), if(isNaN({1}), {2}, {1}), {0})"
_OF_REALTIME = _FIRST.format("rtd", "avg", "data")
_OF_OTHERS = _FIRST.format("avg", "rtd", "data")
_VALUE = f"if({_REALTIME}, {_OF_REALTIME}, {_OF_OTHERS})"
_ZS = f"if(isNaN(zs_rtd) OR (NOT ({_REALTIME}) AND NOT isNaN(zs_avg)), zs_avg, zs_rtd)"
_SANE = f"abs({{}}) <= {MOST_VALUE:.1f}"

_ROWS = """
    SELECT mn, factor, period, start_s, ifNull(flag, '') AS said_flag, verdict,
        verdict = 3 AND {sane} AS ok,
        verdict = 3 AND NOT isNaN(value) AND NOT ({sane}) AS absurd,
        verdict = 3 AND {sane_zs} AS zs_ok,
        verdict = 3 AND {sane_cou} AS cou_ok,
        if(ok, value + 0., 0.) AS v,
        if(ok, low + 0., 0.) AS least,
        if(ok, high + 0., 0.) AS most,
        if(zs_ok, toInt64(round(zs * 1e6)), 0) AS zs_int,
        if(cou_ok, toInt64(round(cou * 1e6)), 0) AS cou_int,
        bitShiftLeft(toUInt64(1), minute) AS bit
    FROM (
        SELECT mn, factor, period, flag, cou, {value} AS value, {low} AS low, {high} AS high,
            {zs} AS zs,
            {data_s} - {shift} AS at_s,
            at_s - positiveModulo(at_s + {moved_s}, {length_s}) AS start_s,
            intDiv(positiveModulo(at_s, 3600), 60) AS minute,
            multiIf({excluded}, 0, {ahead_s} > {future_s}, 1, {marked}, 2, 3) AS verdict
        FROM samples FINAL PREWHERE {chosen}
    )
"""
_SUMS = """
    SELECT start_s, mn, factor, period,
        toInt32(countIf(ok)) AS n,
        toInt32(countIf(verdict = 2)) AS n_marked,
        toInt32(countIf(verdict = 1)) AS n_future,
        toInt32(countIf(absurd)) AS n_absurd,
        toInt32(countIf(verdict = 0)) AS n_excluded,
        toInt64(groupBitOrIf(bit, ok)) AS minute_bits,
        toInt16(bitCount(minute_bits)) AS minutes,
        sumIf(toInt64(round(v * 1e6)), ok) AS sum_e6,
        toInt32(countIf(zs_ok)) AS zs_n,
        sumIf(zs_int, zs_ok) AS zs_sum_e6,
        if(countIf(cou_ok) > 0, sumIf(cou_int, cou_ok), NULL) AS cou_e6,
        if(n > 0, minIf(least, ok), NULL) AS min,
        if(n > 0, maxIf(most, ok), NULL) AS max,
        if(period IN ('hour', 'day'), max(said_flag), '') AS flag,
        {energy} AS energy_e3,
        {sine} AS sin_e9,
        {cosine} AS cos_e9
    FROM ({rows}) WHERE start_s >= {start_s} AND start_s < {end_s}
    GROUP BY start_s, mn, factor, period
"""
_COLUMNS = ", ".join(f"`{name}`" for name in HOUR_SUMS.names if name != "start")

_K = f"(toInt64(round(v * 100)) - ({LOWEST_K}))"
_Q, _R = f"(intDiv({_K}, 1000) + 1)", f"({_K} % 1000 + 1)"


_OVER = f"toInt128({list(OVER)}[{_Q}])"
_ENERGY = (
    f"intDiv(toInt128({list(MANTISSAS)}[{_R}]) * toInt128({list(TIMES)}[{_Q}])"
    f" + intDiv({_OVER}, 2), greatest({_OVER}, toInt128(1)))"
)
_TENTH = "(positiveModulo(toInt64(round(v * 10)), 3600) + 1)"
_SINE = f"toInt64({list(SINES_E9)}[{_TENTH}])"
_COSINE = f"toInt64({list(COSINES_E9)}[{_TENTH}])"
# Looked up only for rows of these factors; for groups of others the sum is nothing.
_SUM = "if({factors}, sum(if(ok AND {factors}, {number}, {zero})), NULL)"
_NOTHING = {
    "energy": "CAST(NULL AS Nullable(Decimal(38, 0)))",
    "sine": "CAST(NULL AS Nullable(Int64))",
    "cosine": "CAST(NULL AS Nullable(Int64))",
}


def hour_sums(engine: Engine, query: HourSumsQuery) -> pa.Table:
    """Rows of HOUR_SUMS."""
    return _sums(engine, query, "hour", query.periods)


def minute_sums(engine: Engine, query: HourSumsQuery) -> pa.Table:
    """Rows of MINUTE_SUMS."""
    return _sums(engine, query, "minute", ("realtime",))


def day_reports(engine: Engine, query: HourSumsQuery) -> pa.Table:
    """Rows of DAY_REPORTS."""
    return _sums(engine, query, "day", ("day",))


def _sums(engine: Engine, query: HourSumsQuery, step: str, periods: tuple[str, ...]) -> pa.Table:
    found = []
    for stretch in asked(query, step) if query.factors != () else ():
        sums = _statement(query, step, stretch, periods)
        order = "ORDER BY start_s, mn, factor, period"
        found.append(engine.query(f"SELECT start_s, {_COLUMNS} FROM ({sums}) {order}"))
    table = pa.concat_tables([HOUR_SUMS.empty_table(), *map(_as_sums, found)])
    return table if query.pairs is None else just_pairs(table, query.pairs)


def _of_kind(query: HourSumsQuery) -> tuple[str, str]:
    """Which factors are averaged by energy and which as directions, as conditions; "": none of
    those that are asked for."""
    energy = set(query.energy)
    wanted = [
        sorted(some if query.factors is None else some & set(query.factors))
        for some in (energy, set(query.vector) - energy)
    ]
    loud, turned = (f"factor IN {listed(some)}" if some else "" for some in wanted)
    return loud, turned


def _statement(query: HourSumsQuery, step: str, stretch: Asked, periods: tuple[str, ...]) -> str:
    """The sums of a stretch. All periods and factors in one: to read and merge equal keys takes
    more than to judge their rows."""
    length_s, moved_s = STEPS_S[step]
    last_s, shift = stretch.end_s, "0"
    if query.end_stamped and periods != ("realtime",):
        last_s += max(END_STAMP_S.get(period, 0) for period in periods)
        steps = ", ".join(f"period = '{name}', {shift_s}" for name, shift_s in END_STAMP_S.items())
        shift = f"if(mn IN {listed(sorted(query.end_stamped))}, multiIf({steps}, 0), 0)"
    chosen = [
        f"period IN {listed(list(periods))}",
        f"data_time BETWEEN {instant(stretch.start_s * _US)} AND {instant(last_s * _US)}",
    ]
    if query.factors is not None:
        chosen.append(f"factor IN {listed(sorted(query.factors))}")
    if stretch.mns is not None:
        chosen.append(f"mn IN {listed(stretch.mns)}")
    wanted = dict(_NOTHING)
    sane = _sane("value", query)
    loud, turned = _of_kind(query)
    if loud:
        sane = f"if({loud}, value BETWEEN {LEAST_LEVEL} AND {MOST_LEVEL}, {sane})"
        level = _SUM.format(factors=loud, number=_ENERGY, zero="toInt128(0)")
        wanted["energy"] = f"toDecimal128({level}, 0)"
    if turned:
        for name, number in (("sine", _SINE), ("cosine", _COSINE)):
            wanted[name] = _SUM.format(factors=turned, number=number, zero="toInt64(0)")
    rows = " UNION ALL ".join(
        _ROWS.format(
            sane=sane,
            sane_zs=_sane("zs", query),
            sane_cou=_SANE.format("cou"),
            value=_VALUE,
            low=_or_value("min", query),
            high=_or_value("max", query),
            zs=_ZS,
            data_s=_DATA_S,
            shift=f"if({_REALTIME}, {REALTIME_S}, {shift})",
            moved_s=moved_s,
            length_s=length_s,
            excluded=excluded,
            ahead_s=_AHEAD_S,
            future_s=int(query.future_s // 1),
            marked=marked,
            chosen=" AND ".join([*chosen, *terms]),
        )
        for excluded, marked, terms in _verdicts(query, said(query, stretch))
    )
    return _SUMS.format(**wanted, rows=rows, start_s=stretch.start_s, end_s=stretch.end_s)


def _verdicts(query: HourSumsQuery, judged: Said) -> Iterator[tuple[str, str, list[str]]]:
    """What makes a row excluded and what marked, for the rows of which MNs."""
    marked = f"ifNull(flag NOT IN {listed(['', 'N', *query.valid_flags])}, false)"
    if not judged.mns:
        yield "false", marked, []
        return
    mns = listed(judged.mns)
    yield "false", marked, [f"mn NOT IN {mns}"]
    lifted = _matches(judged.admissions)
    excluded = _matches(judged.exclusions)
    yield excluded, f"{marked} AND NOT ({lifted})", [f"mn IN {mns}"]


def _matches(judgements: list[Exclusion]) -> str:
    """Whether one of the judgements names the row."""
    terms = []
    for one in judgements:
        start, end = ((bound - EPOCH) // _MICROSECOND for bound in (one.start, one.end))
        term = (
            f"mn = {quoted(one.mn)} AND data_time >= {instant(start)} "
            f"AND data_time < {instant(end)}"
        )
        for name, said_of in (("factor", one.factor), ("period", one.period)):
            if said_of is not None:
                term += f" AND {name} = {quoted(said_of)}"
        terms.append(f"({term})")
    return " OR ".join(terms) or "false"


def _or_value(own: str, query: HourSumsQuery) -> str:
    """The instrument's own least or greatest where it has one, else the value."""
    return f"if(NOT ({_REALTIME}) AND {_sane(f'`{own}`', query)}, `{own}`, value)"


def _sane(column: str, query: HourSumsQuery) -> str:
    """Whether a number can be one that was measured."""
    none = "".join(f" AND {column} != toFloat64('{one!r}')" for one in query.no_values)
    return _SANE.format(column) + none


def _as_sums(found: pa.Table) -> pa.Table:
    columns = []
    for field in HOUR_SUMS:
        if field.name == "start":
            column = pc.multiply(found["start_s"].cast(pa.int64()), _US).cast(field.type)
        else:
            column = found[field.name]
            if pa.types.is_dictionary(column.type):
                column = column.cast(column.type.value_type)
        columns.append(column.cast(field.type))
    return pa.table(columns, schema=HOUR_SUMS)
