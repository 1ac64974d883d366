"""What a period came to beside the year before, and the means of three years.

Rows: EVALUATION_ROWS of the period, of the same days a year before, of three years.
Tests: tests/cli/test_report_year.py.
"""

from __future__ import annotations

from typing import Any

from admin.reports.data import ReportData
from admin.reports.document import Cell
from admin.reports.views.course import change
from admin.reports.views.judged import EVALUATION, WHOLE, decimals_of, statistic
from admin.reports.views.view import PLACE, Row, View, columns, number, of_place, text
from admin.reports.words import STATISTICS, doubts, unit_words

LAST_YEAR, THREE_YEARS = "last_year", "three_years"

# What is set beside the year before: a mean of each pollutant, index, days.
_ITEMS = (
    *(("", name) for name in ("index", "good_share", "good_days", "heavy_days")),
    *((name, "mean") for name in ("PM2.5", "PM10", "SO2", "NO2")),
    *(("CO", "p95"), ("O3", "p90")),
)
_DIFFERENCES = ("good_share", "good_days", "heavy_days")

_COMPARED = columns(
    *PLACE,
    text("pollutant", "项目"),
    text("statistic", "统计量"),
    text("unit", "单位"),
    number("value", "本期"),
    number("before", "去年同期"),
    number("difference", "增减"),
    number("change", "变化 %", 1),
    text("mark", "说明"),
)


def _by_item(data: ReportData, level: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    found = data.table("evaluation", level)
    rows = [] if found is None else found.to_pylist()
    return {(row["place"], row["pollutant"], row["statistic"]): row for row in rows}


def _compared(data: ReportData, _: str) -> list[Row]:
    """Items in one order for each place; a span without last year's data shows why."""
    now, then = _by_item(data, ""), _by_item(data, LAST_YEAR)
    made = []
    for place, name in {row["place"]: row["name"] for row in now.values()}.items():
        for pollutant, kind in _ITEMS:
            row = now.get((place, pollutant, kind))
            if row is not None:
                old = then.get((place, pollutant, kind))
                made.append(of_place(data, place, name) | _beside(row, old))
    return made


def _beside(row: dict[str, Any], old: dict[str, Any] | None) -> Row:
    value, before = _value(row), Cell(None, "无数据") if old is None else _value(old)
    difference = change(value, before, points=True)
    marks = [
        when + doubts(one["mark"])
        for when, one in (("本期", row), ("去年同期", old))
        if one is not None and doubts(one["mark"])
    ]
    return {
        "pollutant": Cell(row["pollutant"] or WHOLE),
        "statistic": Cell(STATISTICS.get(row["statistic"], row["statistic"])),
        "unit": Cell(unit_words(row["unit"])),
        "value": value,
        "before": before,
        "difference": difference._replace(decimals=value.decimals),
        "change": Cell() if row["statistic"] in _DIFFERENCES else change(value, before),
        "mark": Cell("；".join(marks)),
    }


def _value(row: dict[str, Any]) -> Cell:
    mark = doubts(row["mark"])
    if row["value"] is None:
        mark = mark or "无数据"
    return Cell(row["value"], mark, decimals_of(row))


def _three_years(data: ReportData, _: str) -> list[Row]:
    """Only where at least one of them is one of three whole years."""
    rows = [row for row in _by_item(data, THREE_YEARS).values() if row["pollutant"]]
    rows = [row for row in rows if row["statistic"] != "days"]
    if all(row["value"] is None or doubts(row["mark"]) for row in rows):
        return []
    return [statistic(data, row) for row in rows]


def _this(_: str) -> str:
    return ""


COMPARED = View(
    "evaluation", _COMPARED, _compared, _this, beside=lambda _: (("evaluation", LAST_YEAR),)
)
EVALUATION_THREE_YEARS = View(
    "evaluation", EVALUATION.columns, _three_years, lambda _: THREE_YEARS
)
