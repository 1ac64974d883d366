"""Statistics of a period against their limits, and places in order.

Rows: EVALUATION_ROWS (HJ 663) and RANK_ROWS (composite index, 环办[2014]64号).
Tests: tests/admin/test_report_building.py.
"""

from __future__ import annotations

from typing import Any

from admin.reports.data import COLUMNS, ReportData
from admin.reports.document import Cell
from admin.reports.views.index import of_origin, pollutants, rules_of
from admin.reports.views.view import (
    ORIGIN,
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
from admin.reports.words import EVENTS, KEYS, STATISTICS, against, doubts, unit_words

WHOLE = "综合"
_COUNTS = ("good_days", "valid_days", "heavy_days", "days_over")

_STATISTICS = columns(
    *PLACE,
    text("pollutant", "项目"),
    text("statistic", "统计量"),
    number("value", "数值"),
    text("unit", "单位"),
    number("limit", "限值"),
    text("meets", "达标"),
    number("multiple", "超标倍数", 2),
    number("n", "有效数", 0),
    number("need", "最少有效数", 0),
    text("main", "主要污染物"),
    text("method", "方法"),
    number("air_class", "功能区类别", 0),
    text("events", "异常事件"),
    *ORIGIN,
)
_RANKING = columns(
    number("rank", "名次", 0),
    *PLACE,
    *WHEN,
    text("region", "所属区域"),
    text("key", "排名依据"),
    number("value", "排名值"),
    number("index", "综合指数", 2),
    text("main", "主要污染物"),
    *(
        number(short, f"{name}\n{'mg/m³' if name == 'CO' else 'μg/m³'}")
        for name, short in COLUMNS.items()
    ),
    number("good_days", "优良天数", 0),
    number("good_share", "优良天数\n比例 %", 1),
    number("n", "有效天数", 0),
    number("need", "最少天数", 0),
    number("previous", "上期值"),
    number("previous_rank", "上期名次", 0),
    number("previous_change", "环比\n变化 %", 2),
    number("last_year", "去年同期值"),
    number("last_year_rank", "去年名次", 0),
    number("last_year_change", "同比\n变化 %", 2),
    number("change_rank", "改善名次", 0),
    number("worst_rank", "恶化名次", 0),
    text("method", "方法"),
    text("events", "异常事件"),
    *ORIGIN,
)


def _statistics(data: ReportData, level: str) -> list[Row]:
    found = data.table("evaluation", level)
    return [] if found is None else [statistic(data, row) for row in found.to_pylist()]


def statistic(data: ReportData, row: dict[str, Any]) -> Row:
    mark = doubts(row["mark"])
    decimals = decimals_of(row)
    meets = row["meets"]
    cells = of_place(data, row["place"], row["name"]) | of_origin(row)
    cells |= {
        "pollutant": Cell(row["pollutant"] or WHOLE),
        "statistic": Cell(STATISTICS.get(row["statistic"], row["statistic"])),
        "value": Cell(row["value"], mark, decimals),
        "unit": Cell(unit_words(row["unit"])),
        "limit": Cell(row["limit"]),
        "meets": Cell("无法判定" if meets is None and mark else _YES_NO[meets]),
        "multiple": Cell(row["multiple"]),
        "n": Cell(row["n"]),
        "need": Cell(row["need"]),
        "main": Cell(pollutants(row["main"]) or None),
        "method": Cell(row["method"]),
        "air_class": Cell(row["air_class"]),
        "events": Cell(EVENTS.get(row["events"], row["events"])),
    }
    return cells


_YES_NO = {True: "达标", False: "超标", None: None}


def decimals_of(row: dict[str, Any]) -> int | None:
    """As HJ 663 has them; the index as it came, which is rounded by its method."""
    if row["statistic"] in _COUNTS:
        return 0
    if not row["pollutant"]:
        return 1 if row["unit"] == "%" else 2
    rules = rules_of(row["standard"])
    return rules.of("rate") if row["unit"] == "%" else rules.of("period", row["pollutant"])


def _ranking(data: ReportData, _: str) -> list[Row]:
    found = data.table("ranking")
    return [] if found is None else [_ranked(data, row) for row in found.to_pylist()]


def _ranked(data: ReportData, row: dict[str, Any]) -> Row:
    gap = "NA" if doubts(row["mark"]) else ""
    cells = of_place(data, row["place"], row["name"]) | of_origin(row)
    cells |= of_time("span", row["start"], row["end"]) | measured(row)
    for key in ("previous", "last_year", "previous_change", "last_year_change"):
        cells[key] = Cell(row[key])
    for key in ("previous_rank", "last_year_rank", "change_rank", "worst_rank"):
        cells[key] = Cell(row[key])
    return cells | {
        "rank": Cell(row["rank"], "" if row["rank"] is not None else "不参加排名"),
        "region": Cell(data.name_of(row["region"]) if row["region"] else None),
        "key": Cell(KEYS.get(row["key"], row["key"])),
        "value": Cell(row["value"], gap if row["value"] is None else ""),
    }


def measured(row: dict[str, Any]) -> Row:
    """Of a row of RANK_ROWS: index, period means, good days. What too few days stand behind keeps
    its number and gets its mark."""
    rules = rules_of(row["standard"])
    mark = doubts(row["mark"])
    cells = {
        short: Cell(
            row[short],
            "NA" if row[short] is None else against(row["mark"], name),
            rules.of("period", name),
        )
        for name, short in COLUMNS.items()
    }
    return cells | {
        "index": Cell(row["index"], "NA" if mark and row["index"] is None else ""),
        "main": Cell(pollutants(row["main"]) or None),
        "good_days": Cell(row["good_days"], mark),
        "good_share": Cell(row["good_share"], mark),
        "n": Cell(row["n"]),
        "need": Cell(row["need"]),
        "method": Cell(row["method"]),
        "events": Cell(EVENTS.get(row["events"], row["events"])),
    }


def _none(_: str) -> str:
    return ""


EVALUATION = View("evaluation", _STATISTICS, _statistics, _none)
RANKING = View("ranking", _RANKING, _ranking, _none)
