"""Sums of hours, minutes and days from the samples of the DuckDB store.

One statement for each period, each kind of factor and each narrow range of time that is asked
for; rows of the field are judged once, and what is summed is an integer. ClickHouse has the same
expressions in clickhouse_means_sums.py. Tests: tests/store/test_means_store.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import duckdb
import pyarrow as pa

from store.duckdb_schema import PARTS, second
from store.integer_tables import COSINES_E9, LOWEST_K, MANTISSAS, OVER, SINES_E9, TIMES
from store.means import HOUR_SUMS, LEAST_LEVEL, MOST_LEVEL, MOST_VALUE, Exclusion, HourSumsQuery
from store.means_asked import (
    END_STAMP_S,
    REALTIME_S,
    STEPS_S,
    Asked,
    asked,
    just_pairs,
    said,
)

# So many numbers are named in a statement; more are looked up row by row.
_NAMED = 2000

# Where each table has what a row is judged by.
_DATA_S = {
    "closed": "epoch_us(data_time::TIMESTAMP) // 1000000",
    **dict.fromkeys(PARTS, "epoch_us(data_time) // 1000000"),
}
_AHEAD_S = {
    "closed": "-delay_s",
    **dict.fromkeys(PARTS, "epoch_us(data_time) // 1000000 - epoch_us(received_at) // 1000000"),
}
_VALUES = {"realtime": "coalesce(rtd, avg, data)"}
_OTHER_VALUES = "coalesce(avg, rtd, data)"
_ZS = {"realtime": "coalesce(zs_rtd, zs_avg)"}
_OTHER_ZS = "coalesce(zs_avg, zs_rtd)"
_SANE = f"abs({{}}) <= {MOST_VALUE:.1f}"

_ROWS = """
    SELECT device, channel, data_time::TIMESTAMP AS data_time, {data_s} - {shift} AS at_s,
        {ahead_s} AS ahead_s, flag, {value} AS value, {low} AS low, {high} AS high, {zs} AS zs, cou
    FROM samples_{part} WHERE {chosen}
"""
# Where a row belongs, and what is said of it; % has the sign of a time before 1970.
_PLACED = """
    SELECT *, at_s - ((at_s + {moved_s}) % {length_s} + {length_s}) % {length_s} AS start_s,
        CASE WHEN {excluded} THEN 0 WHEN ahead_s > {future_s} THEN 1
            WHEN {marked} THEN 2 ELSE 3 END AS verdict
    FROM ({rows}) AS held
"""
# -0.0 becomes 0.0, so that a minimum does not go by which of them came first.
_JUDGED = """
    SELECT device, channel, start_s, flag, verdict,
        verdict = 3 AND value IS NOT NULL AND NOT ({sane}) AS absurd,
        CASE WHEN verdict = 3 AND {sane} THEN value + 0.0 END AS v,
        CASE WHEN verdict = 3 AND {sane} THEN low + 0.0 END AS low,
        CASE WHEN verdict = 3 AND {sane} THEN high + 0.0 END AS high,
        CASE WHEN verdict = 3 AND {sane}
            THEN 1::BIGINT << (at_s % 3600 + 3600) % 3600 // 60 END AS bit,
        CASE WHEN verdict = 3 AND {sane_zs} THEN (zs * 1e6)::BIGINT END AS zs_e6,
        CASE WHEN verdict = 3 AND {sane_cou} THEN (cou * 1e6)::BIGINT END AS cou_e6
    FROM ({rows})
"""
_SUMS = """
    SELECT device, channel, start_s,
        count(v)::INTEGER AS n,
        (count(*) FILTER (verdict = 2))::INTEGER AS n_marked,
        (count(*) FILTER (verdict = 1))::INTEGER AS n_future,
        (count(*) FILTER (absurd))::INTEGER AS n_absurd,
        (count(*) FILTER (verdict = 0))::INTEGER AS n_excluded,
        coalesce(bit_or(bit), 0)::BIGINT AS minute_bits,
        coalesce(sum((v * 1e6)::BIGINT), 0)::BIGINT AS sum_e6,
        count(zs_e6)::INTEGER AS zs_n,
        coalesce(sum(zs_e6), 0)::BIGINT AS zs_sum_e6,
        sum(cou_e6)::BIGINT AS cou_e6,
        min(low) AS min,
        max(high) AS max,
        {flag} AS flag,
        {energy} AS energy_e3,
        {sine} AS sin_e9,
        {cosine} AS cos_e9
    FROM ({judged}) GROUP BY device, channel, start_s
"""
_NAMED_SUMS = """
    SELECT make_timestamp(start_s * 1000000) AS start, mn, factor, period, n, n_marked, n_future,
        n_absurd, n_excluded, bit_count(minute_bits)::SMALLINT AS minutes, minute_bits, sum_e6,
        zs_n, zs_sum_e6, cou_e6, "min", "max", flag, energy_e3, sin_e9, cos_e9
    FROM ({sums}) JOIN mns USING (device) JOIN channels USING (channel)
    ORDER BY start, mn, factor, period
"""

_K = f"((v * 100)::BIGINT - {LOWEST_K})"
_Q, _R = f"({_K} // 1000 + 1)", f"({_K} % 1000 + 1)"
_ENERGY = (
    f"coalesce(sum(CASE WHEN v IS NOT NULL THEN (getvariable('mantissas')[{_R}]::HUGEINT"
    f" * getvariable('times')[{_Q}]::HUGEINT + getvariable('over')[{_Q}] // 2)"
    f" // getvariable('over')[{_Q}] END), 0)::DECIMAL(38, 0)"
)
_TENTH = "(((v * 10)::BIGINT % 3600 + 3600) % 3600 + 1)"
_SINE = f"coalesce(sum(getvariable('sines')[{_TENTH}]), 0)::BIGINT"
_COSINE = f"coalesce(sum(getvariable('cosines')[{_TENTH}]), 0)::BIGINT"
# Variables of a connection: named in a statement they are read once, not parsed at each place.
_TABLES = {
    "energy": {"mantissas": MANTISSAS, "times": TIMES, "over": OVER},
    "vector": {"sines": SINES_E9, "cosines": COSINES_E9},
    "": {},
}
_OF_KIND = {"energy": {"energy": _ENERGY}, "vector": {"sine": _SINE, "cosine": _COSINE}, "": {}}
_NOTHING = {"energy": "NULL::DECIMAL(38, 0)", "sine": "NULL::BIGINT", "cosine": "NULL::BIGINT"}


class _Channels(NamedTuple):
    """Channels of one period whose values are treated alike: "", "energy" or "vector"."""

    period: str
    kind: str
    numbers: list[int]


def hour_sums(connection: duckdb.DuckDBPyConnection, query: HourSumsQuery) -> pa.Table:
    """Rows of HOUR_SUMS."""
    return _sums(connection, query, "hour", query.periods)


def minute_sums(connection: duckdb.DuckDBPyConnection, query: HourSumsQuery) -> pa.Table:
    """Rows of MINUTE_SUMS."""
    return _sums(connection, query, "minute", ("realtime",))


def day_reports(connection: duckdb.DuckDBPyConnection, query: HourSumsQuery) -> pa.Table:
    """Rows of DAY_REPORTS."""
    return _sums(connection, query, "day", ("day",))


def _sums(
    connection: duckdb.DuckDBPyConnection,
    query: HourSumsQuery,
    step: str,
    periods: tuple[str, ...],
) -> pa.Table:
    devices = dict(connection.execute("SELECT mn, device FROM mns").fetchall())
    groups = list(_channels(connection, query, periods))
    for kind in {group.kind for group in groups}:
        for name, numbers in _TABLES[kind].items():
            connection.execute(f"SET VARIABLE {name} = $1", [list(numbers)])
    found = [HOUR_SUMS.empty_table()]
    for stretch in asked(query, step) if groups else ():
        judged = _judgements(connection, query, stretch, devices)
        sums = " UNION ALL ".join(
            _statement(query, step, stretch, group, devices, judged) for group in groups
        )
        text = _NAMED_SUMS.format(sums=sums)
        found.append(connection.sql(text).to_arrow_table().cast(HOUR_SUMS))
    table = pa.concat_tables(found)
    return table if query.pairs is None else just_pairs(table, query.pairs)


def _statement(
    query: HourSumsQuery,
    step: str,
    stretch: Asked,
    group: _Channels,
    devices: dict[str, int],
    judged: dict[str, list[int]],
) -> str:
    """The sums of a group of channels in a stretch."""
    ended = _numbers(query.end_stamped, devices)
    length_s, moved_s = STEPS_S[step]
    placed = " UNION ALL ".join(
        _PLACED.format(
            moved_s=moved_s,
            length_s=length_s,
            excluded=excluded,
            future_s=int(query.future_s // 1),
            marked=marked,
            rows=_rows(query, stretch, group, devices, ended, chosen),
        )
        for excluded, marked, chosen in _verdicts(query, group.period, judged)
    )
    if ended and group.period != "realtime":
        within = f"start_s >= {stretch.start_s} AND start_s < {stretch.end_s}"
        placed = f"FROM ({placed}) WHERE {within}"
    sane = _sane("value", query)
    if group.kind == "energy":
        sane = f"value BETWEEN {LEAST_LEVEL} AND {MOST_LEVEL}"
    return _SUMS.format(
        flag="max(coalesce(flag, ''))" if group.period in ("hour", "day") else "''",
        **_NOTHING | _OF_KIND[group.kind],
        judged=_JUDGED.format(
            sane=sane, sane_zs=_sane("zs", query), sane_cou=_SANE.format("cou"), rows=placed
        ),
    )


def _rows(
    query: HourSumsQuery,
    stretch: Asked,
    group: _Channels,
    devices: dict[str, int],
    ended: list[int],
    chosen: str,
) -> str:
    """The samples of a group of channels in a stretch, of all three tables."""
    period = group.period
    shift, first_s, last_s = "0", stretch.start_s, stretch.end_s - 1
    if period == "realtime":
        shift, first_s, last_s = str(REALTIME_S), stretch.start_s + 1, stretch.end_s
    elif ended:
        shift = f"CASE WHEN {_in('device', ended)} THEN {END_STAMP_S[period]} ELSE 0 END"
        last_s += END_STAMP_S[period]
    terms = [
        chosen,
        _in("channel", group.numbers),
        f"data_time BETWEEN {second(first_s)} AND {second(last_s)}",
    ]
    if stretch.mns is not None:
        terms.append(_in("device", _numbers(stretch.mns, devices)))
    value = _VALUES.get(period, _OTHER_VALUES)
    return " UNION ALL ".join(
        _ROWS.format(
            data_s=_DATA_S[part],
            shift=shift,
            ahead_s=_AHEAD_S[part],
            value=value,
            low=value if period == "realtime" else _or_value('"min"', value, query),
            high=value if period == "realtime" else _or_value('"max"', value, query),
            zs=_ZS.get(period, _OTHER_ZS),
            part=part,
            chosen=" AND ".join(terms),
        )
        for part in ("closed", *PARTS)
    )


def _verdicts(
    query: HourSumsQuery, period: str, judged: dict[str, list[int]]
) -> Iterator[tuple[str, str, str]]:
    """What makes a row excluded, what marked, and for which rows. Only those of devices that
    somebody judged are compared with the judgements."""
    flags = ", ".join(_quoted(flag) for flag in ("", "N", *query.valid_flags))
    marked = f"flag IS NOT NULL AND flag NOT IN ({flags})"
    if not judged:
        yield "false", marked, "true"
        return
    devices = _in("device", sorted({device for numbers in judged.values() for device in numbers}))
    yield "false", marked, f"NOT ({devices})"
    excluded, lifted = (
        _matches(name, period) if name in judged else "false"
        for name in ("exclusions", "admissions")
    )
    yield excluded, f"{marked} AND NOT ({lifted})", devices


def _or_value(own: str, value: str, query: HourSumsQuery) -> str:
    """The instrument's own least or greatest where it has one, else the value."""
    return f"CASE WHEN {_sane(own, query)} THEN {own} ELSE {value} END"


def _sane(column: str, query: HourSumsQuery) -> str:
    """Whether a number can be one that was measured."""
    none = "".join(f" AND {column} <> {one!r}::DOUBLE" for one in query.no_values)
    return _SANE.format(column) + none


def _matches(table: str, period: str) -> str:
    """Whether a judgement names the row."""
    return (
        f"EXISTS (FROM {table} AS said WHERE said.device = held.device "
        "AND (said.channel IS NULL OR said.channel = held.channel) "
        f"AND (said.period IS NULL OR said.period = '{period}') "
        'AND held.data_time >= said.start AND held.data_time < said."end")'
    )


def _judgements(
    connection: duckdb.DuckDBPyConnection,
    query: HourSumsQuery,
    stretch: Asked,
    devices: dict[str, int],
) -> dict[str, list[int]]:
    """Exclusions and admissions as tables of the connection; the devices that each is about."""
    about: dict[str, list[int]] = {}
    judged = said(query, stretch)
    for name, judgements in (("exclusions", judged[0]), ("admissions", judged[1])):
        known = [one for one in judgements if one.mn in devices]
        if known:
            _register(connection, name, known, devices)
            about[name] = _numbers({one.mn for one in known}, devices)
    return about


def _register(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    judgements: list[Exclusion],
    devices: dict[str, int],
) -> None:
    """A judgement of a factor is one of each of its channels."""
    channels: dict[str, list[int]] = {}
    for number, factor in connection.execute("SELECT channel, factor FROM channels").fetchall():
        channels.setdefault(factor, []).append(number)
    rows = [
        (devices[one.mn], channel, one.period, one.start, one.end)
        for one in judgements
        for channel in ([None] if one.factor is None else channels.get(one.factor, []))
    ]
    fields = (
        ("device", pa.int32()),
        ("channel", pa.int32()),
        ("period", pa.string()),
        ("start", pa.timestamp("us")),
        ("end", pa.timestamp("us")),
    )
    columns = list(zip(*rows, strict=True)) or [()] * len(fields)
    connection.register(
        name,
        pa.table(
            {
                field: pa.array(column, kind)
                for (field, kind), column in zip(fields, columns, strict=True)
            }
        ),
    )


def _channels(
    connection: duckdb.DuckDBPyConnection, query: HourSumsQuery, periods: tuple[str, ...]
) -> Iterator[_Channels]:
    found = connection.execute(
        "SELECT channel, factor, period FROM channels WHERE period IN (SELECT unnest($periods))",
        {"periods": list(periods)},
    ).fetchall()
    groups: dict[tuple[str, str], list[int]] = {}
    for channel, factor, period in found:
        if query.factors is not None and factor not in query.factors:
            continue
        kind = "energy" if factor in query.energy else "vector" if factor in query.vector else ""
        groups.setdefault((period, kind), []).append(channel)
    for (period, kind), numbers in sorted(groups.items()):
        yield _Channels(period, kind, sorted(numbers))


def _numbers(mns: Iterable[str], devices: dict[str, int]) -> list[int]:
    return sorted(devices[mn] for mn in mns if mn in devices)


def _in(column: str, numbers: list[int]) -> str:
    """A condition; a long list is a range and a look-up."""
    if not numbers:
        return "false"
    if len(numbers) <= _NAMED:
        return f"{column} IN ({', '.join(map(str, numbers))})"
    return (
        f"{column} BETWEEN {min(numbers)} AND {max(numbers)} "
        f"AND {column} IN (SELECT unnest({sorted(numbers)}))"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
