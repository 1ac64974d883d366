"""Means of any factor of any medium: a row a value, or a row a place and period with a column a
factor. Rows: MEANS.

A value that does not count stays visible with its mark; a gap shows why there is none.
Tests: tests/admin/test_report_building.py.
"""

from __future__ import annotations

from typing import Any

from admin.reports.data import ReportData
from admin.reports.document import Cell, Column
from admin.reports.views.index import of_origin
from admin.reports.views.view import (
    PLACE,
    WHEN,
    Row,
    View,
    columns,
    number,
    of_place,
    of_time,
    text,
)
from admin.reports.words import SOURCES, STATISTICS, mark_words, unit_words
from aqi.factors import POLLUTANTS, pollutant_of

SPREAD = "factors"
_PLAIN = ("mean", "leq", "vector")  # what a factor's column shows without saying so

_MEANS = columns(
    *PLACE,
    *WHEN,
    text("factor", "因子编码"),
    text("factor_name", "因子"),
    text("unit", "单位"),
    text("stat", "统计量"),
    number("value", "数值"),
    number("min", "最小值"),
    number("max", "最大值"),
    number("n", "有效数", 0),
    number("need", "最少有效数", 0),
    text("mark", "说明"),
    text("source", "来源"),
    number("reported", "仪器上报值"),
    number("computed", "平台计算值"),
    number("revision", "数据版本", 0),
    Column("as_of", "数据截止", "moment"),
)
_WIDE = columns(
    *PLACE,
    *WHEN,
    text(SPREAD, "各因子"),
    text("mark", "说明"),
    number("revision", "数据版本", 0),
    Column("as_of", "数据截止", "moment"),
)
DECIMALS = 3


def _rows(data: ReportData, level: str) -> list[Row]:
    return [_row(data, level, row) for row in _listed(data, level)]


def _listed(data: ReportData, level: str) -> list[dict[str, Any]]:
    found = data.table("means", level)
    return [] if found is None else found.to_pylist()


def _row(data: ReportData, level: str, row: dict[str, Any]) -> Row:
    mark = mark_words(row["mark"])
    known = data.factors.get(row["factor"])
    decimals = _decimals(row["value"])
    cells = of_place(data, row["mn"]) | of_time(level, row["start"], row["end"])
    cells |= of_origin({**row, "standard": ""})
    return cells | {
        "factor": Cell(row["factor"]),
        "factor_name": Cell(known.name if known else row["factor"]),
        "unit": Cell(_unit(data, row["mn"], row["factor"]) or None),
        "stat": Cell(STATISTICS.get(row["stat"], row["stat"])),
        "value": Cell(row["value"], mark or _none(row["value"]), decimals),
        "min": Cell(row["min"], "", decimals),
        "max": Cell(row["max"], "", decimals),
        "n": Cell(row["n"]),
        "need": Cell(row["need"]),
        "mark": Cell(mark),
        "source": Cell(SOURCES.get(row["source"], row["source"])),
        "reported": Cell(row["reported"], "", decimals),
        "computed": Cell(row["computed"], "", decimals),
    }


def _none(value: float | None) -> str:
    return "无数据" if value is None else ""


def _decimals(value: float | None) -> int:
    """Enough for readings of any size: three, fewer where the number is large."""
    if value is None:
        return DECIMALS
    return 1 if abs(value) >= 100 else 2 if abs(value) >= 10 else DECIMALS


def _wide(data: ReportData, level: str) -> list[Row]:
    made: dict[tuple[Any, str], Row] = {}
    notes: dict[tuple[Any, str], list[str]] = {}
    for row in _listed(data, level):
        at = (row["start"], row["mn"])
        if at not in made:
            made[at] = of_place(data, row["mn"]) | of_time(level, row["start"], row["end"])
            made[at] |= {SPREAD: Cell(), "revision": Cell(0), "as_of": Cell()}
            notes[at] = []
        cells = made[at]
        mark = mark_words(row["mark"]) or _none(row["value"])
        cells[_key(row)] = Cell(row["value"], mark, _decimals(row["value"]))
        if mark:
            notes[at].append(f"{_label(data, row['factor'])}{mark}（{row['n']}/{row['need']}）")
        origin = of_origin({**row, "standard": ""})
        cells["revision"] = max(cells["revision"], origin["revision"], key=_number)
        cells["as_of"] = max(cells["as_of"], origin["as_of"], key=_text)
    for at, cells in made.items():
        cells["mark"] = Cell("、".join(notes[at]))
    return list(made.values())


def _number(cell: Cell) -> int:
    return cell.value if isinstance(cell.value, int) else 0


def _text(cell: Cell) -> str:
    return str(cell.value or "")


def _spread(data: ReportData, level: str) -> list[Column]:
    """A column a factor and statistic, those of the AQI first; the unit when all agree."""
    units: dict[tuple[str, str], set[str]] = {}
    for row in _listed(data, level):
        units.setdefault((row["factor"], row["stat"]), set()).add(
            _unit(data, row["mn"], row["factor"])
        )
    found = []
    for factor, stat in sorted(units, key=_in_order):
        several = units[factor, stat]
        unit = several.pop() if len(several) == 1 else "单位不一"
        label = _label(data, factor)
        if stat not in _PLAIN:
            label += STATISTICS.get(stat, stat)
        found.append(number(f"{factor}:{stat}", f"{label}\n{unit}".rstrip()))
    return found


def _in_order(at: tuple[str, str]) -> tuple[int, str, bool, str]:
    """Of the AQI as its reports have them, others by code; means before other statistics."""
    factor, stat = at
    name = pollutant_of(factor)
    number = POLLUTANTS.index(name) if name in POLLUTANTS else len(POLLUTANTS)
    return number, factor, stat not in _PLAIN, stat


def _key(row: dict[str, Any]) -> str:
    return f"{row['factor']}:{row['stat']}"


def _label(data: ReportData, factor: str) -> str:
    known = data.factors.get(factor)
    return known.name if known else factor


def _unit(data: ReportData, mn: str, factor: str) -> str:
    """Of the site when it says one, else of the factor."""
    known = data.factors.get(factor)
    return unit_words(data.units.get((mn, factor)) or (known.unit if known else ""))


def _same(kind: str) -> str:
    return kind


MEANS = View("means", _MEANS, _rows, _same)
FACTORS = View("means", _WIDE, _wide, _same, (SPREAD, _spread))
