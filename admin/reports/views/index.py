"""The AQI of places, hour by hour or day by day, as the daily and hourly reports list it.

Rows: AQI_ROWS. Fields of a daily report: HJ 633-2026 (publishing), one source.
Tests: tests/admin/test_report_building.py.
"""

from __future__ import annotations

from typing import Any

from admin.reports.data import COLUMNS, ReportData
from admin.reports.document import Cell
from admin.reports.views.view import (
    ORIGIN,
    PLACE,
    REMARKED,
    WHEN,
    Row,
    View,
    columns,
    number,
    of_place,
    of_time,
    text,
)
from admin.reports.words import STANDARDS, beijing, doubts, remarks
from aqi.decimals import Decimals
from aqi.standards import levels, missing_colour

_UNITS = dict.fromkeys(COLUMNS, "μg/m³") | {"CO": "mg/m³"}

_COLUMNS = columns(
    *PLACE,
    *WHEN,
    *(number(short, f"{name}\n{_UNITS[name]}") for name, short in COLUMNS.items()),
    *(number(f"{short}_iaqi", f"{name}\nIAQI", 0) for name, short in COLUMNS.items()),
    number("aqi", "AQI", 0),
    number("published_aqi", "AQI\n（发布）", 0),
    number("level", "级别", 0),
    text("category", "类别"),
    text("published_category", "类别"),
    text("primary", "首要污染物"),
    text("published_primary", "首要污染物\n（发布）"),
    text("missing", "缺测项目"),
    number("sites", "有效点位数", 0),
    *ORIGIN,
)


def rules_of(standard: str) -> Decimals:
    """Decimals by the standard of a row: those that HJ 663 of the same years has."""
    return Decimals("HJ663-2026" if "2026" in standard else "HJ663-2013")


def pollutants(codes: str | None) -> str:
    """``PM2.5;O3`` as PM2.5、O3."""
    return (codes or "").replace(";", "、")


def _rows(data: ReportData, level: str) -> list[Row]:
    found = data.table("aqi", level)
    if found is None:
        return []
    decimals = {name: rules_of(name) for name in ("2012", "2026")}
    colours = {one.level: one.hex for one in levels()}
    return [
        _row(data, level, row, decimals["2026" if "2026" in row["standard"] else "2012"], colours)
        for row in found.to_pylist()
    ]


def _row(
    data: ReportData, level: str, row: dict[str, Any], decimals: Decimals, colours: dict[int, str]
) -> Row:
    missing = set((row["missing"] or "").split(";"))
    cells = of_place(data, row["place"], row["name"])
    cells |= of_time(level, row["start"], row["end"])
    for name, short in COLUMNS.items():
        gap = "NA" if name in missing or row[short] is None else ""
        cells[short] = Cell(row[short], gap, decimals.of(level, name))
        cells[f"{short}_iaqi"] = Cell(row[f"{short}_iaqi"], gap)
    fill = missing_colour() if row["aqi"] is None else colours.get(row["level"] or 0, "")
    published = row["published_aqi"]
    is_number = bool(published) and published.isdecimal()
    cells["aqi"] = Cell(row["aqi"], "" if row["aqi"] is not None else "NA", fill=fill)
    cells["published_aqi"] = Cell(
        int(published) if is_number else None,
        published or "NA",
        fill=fill if is_number else missing_colour(),
    )
    if is_number:
        cells["published_aqi"] = cells["published_aqi"]._replace(mark="")
    cells["level"] = Cell(row["level"], "NA" if row["level"] is None else "")
    cells["category"] = Cell(row["category"] or "NA", fill=fill)
    shown = row["category"] if is_number else None
    cells["published_category"] = Cell(shown or "NA", fill=fill if shown else missing_colour())
    cells["primary"] = Cell(pollutants(row["primary"]) or None)
    cells["published_primary"] = Cell(pollutants(row["published_primary"]) or None)
    cells["missing"] = Cell(pollutants(row["missing"]) or None)
    cells["sites"] = Cell(row["sites"])
    return cells | of_origin(row)


def of_origin(row: dict[str, Any]) -> Row:
    """Cells of ORIGIN."""
    as_of = row["as_of"]
    return {
        "standard": Cell(STANDARDS.get(row["standard"], row["standard"])),
        "mark": Cell(doubts(row["mark"])),
        REMARKED: Cell(remarks(row["mark"])),
        "revision": Cell(row["revision"]),
        "as_of": Cell(None if as_of is None else beijing(as_of)),
    }


INDEX = View("aqi", _COLUMNS, _rows, lambda kind: "hour" if kind == "hour" else "day")
