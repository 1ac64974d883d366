"""The parts of a period one after the other: months of a year, days of a week, each with index,
period means and good days, and beside those of the year before.

Rows: RANK_ROWS over time. Tests: tests/cli/test_report_year.py.
"""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np

from admin.reports.data import COLUMNS, ReportData
from admin.reports.document import Cell
from admin.reports.views.index import of_origin
from admin.reports.views.judged import measured
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
from admin.reports.words import beijing
from aqi.ranking import change_percent

BEFORE = "course_last_year"

_COMPARED = ("index", "good_share", *COLUMNS.values())
_NAMES = {"index": "综合指数", "good_share": "优良天数\n比例 %"}
_NAMES |= {
    short: f"{name}\n{'mg/m³' if name == 'CO' else 'μg/m³'}" for name, short in COLUMNS.items()
}
_DECIMALS = {"index": 2, "good_share": 1}
_CHANGED = {"good_share": "百分点"}
_PARTS = {"year": "month", "quarter": "month", "month": "tenday"}

_COLUMNS = columns(
    *PLACE,
    *WHEN,
    *(number(key, _NAMES[key], _DECIMALS.get(key)) for key in _COMPARED),
    text("main", "主要污染物"),
    number("good_days", "优良天数", 0),
    number("n", "有效天数", 0),
    number("need", "最少天数", 0),
    text("method", "方法"),
    text("events", "异常事件"),
    *ORIGIN,
)
_BESIDE = columns(
    *_COLUMNS.values(),
    *(
        number(
            f"{key}_before", f"{_NAMES[key].partition(chr(10))[0]}\n去年同期", _DECIMALS.get(key)
        )
        for key in _COMPARED
    ),
    *(
        number(
            f"{key}_change",
            f"{_NAMES[key].partition(chr(10))[0]}\n同比{_CHANGED.get(key, ' %')}",
            1,
        )
        for key in _COMPARED
    ),
)


def _rows(data: ReportData, level: str) -> list[Row]:
    found = data.table("course", level)
    if found is None:
        return []
    listed = sorted(found.to_pylist(), key=lambda row: (row["place"], row["start"]))
    return [_row(data, level, row) for row in listed]


def _row(data: ReportData, level: str, row: dict[str, Any]) -> Row:
    cells = of_place(data, row["place"], row["name"]) | of_time(level, row["start"], row["end"])
    return cells | of_origin(row) | measured(row)


def _compared(data: ReportData, level: str) -> list[Row]:
    """The same with the part of the year before that begins on the same day of the calendar."""
    before = data.table(BEFORE, level)
    then = {_at(row): measured(row) for row in ([] if before is None else before.to_pylist())}
    made = []
    for cells in _rows(data, level):
        at = (str(cells["place"].value), f"{cells['begin'].value:%m-%d}")
        old = then.get(at, {})
        for key in _COMPARED:
            was = old.get(key, Cell())
            cells[f"{key}_before"] = was
            cells[f"{key}_change"] = change(cells[key], was, points=key == "good_share")
        made.append(cells)
    return made


def _at(row: dict[str, Any]) -> tuple[str, str]:
    return row["place"], f"{beijing(row['start']):%m-%d}"


def change(now: Cell, then: Cell, *, points: bool = False) -> Cell:
    """In percent, of shares and days the difference; of what does not count there is none."""
    if now.mark or then.mark:
        return Cell()
    if not isinstance(now.value, int | float) or not isinstance(then.value, int | float):
        return Cell()
    if points:
        return Cell(now.value - then.value)
    rate = float(change_percent(np.array([now.value]), np.array([then.value]), 1)[0])
    return Cell(None if isnan(rate) else rate)


def _part(kind: str) -> str:
    return _PARTS.get(kind, "day")


COURSE = View("course", _COLUMNS, _rows, _part)
COURSE_COMPARED = View(
    "course", _BESIDE, _compared, _part, beside=lambda level: ((BEFORE, level),)
)
