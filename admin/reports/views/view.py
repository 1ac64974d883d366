"""What a view is: its columns, the table of answers it needs, and how rows come of it.

Tests: tests/admin/test_report_building.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from admin.reports.data import ReportData
from admin.reports.document import Cell, Column
from admin.reports.words import beijing, hour_label, period_words, short_label

Row = dict[str, Cell]


class View(NamedTuple):
    """``rows(data, level)``; ``level_of``: which level of its table a kind of report shows;
    ``spread``: a column that stands for several, and which those are; ``beside``: further
    (table, level) that it is made of."""

    table: str
    columns: dict[str, Column]
    rows: Callable[[ReportData, str], list[Row]]
    level_of: Callable[[str], str]
    spread: tuple[str, Callable[[ReportData, str], list[Column]]] | None = None
    beside: Callable[[str], tuple[tuple[str, str], ...]] | None = None

    def needs(self, level: str) -> set[tuple[str, str]]:
        """All that must be asked for it."""
        return {(self.table, level), *(self.beside(level) if self.beside else ())}


def columns(*every: Column) -> dict[str, Column]:
    """By their keys."""
    return {one.key: one for one in every}


def text(key: str, label: str, width: int = 0) -> Column:
    """A column of words."""
    return Column(key, label, "text", None, width)


def number(key: str, label: str, decimals: int | None = None) -> Column:
    """A column of numbers."""
    return Column(key, label, "number", decimals)


PLACE = (text("name", "点位/区域"), text("place", "编码"))
WHEN = (
    Column("date", "日期", "date"),
    Column("hour", "时", "hour"),
    text("period", "时段"),
    text("label", "时刻"),
    Column("begin", "开始", "moment"),
    Column("end", "结束", "moment"),
)
# A cell of each row that is no column: what is remarked of it, said once below the table.
REMARKED = "remarked"
ORIGIN = (
    text("standard", "标准"),
    text("mark", "说明"),
    number("revision", "数据版本", 0),
    Column("as_of", "数据截止", "moment"),
)


def of_place(data: ReportData, code: str, name: str | None = "") -> Row:
    """Cells of PLACE."""
    return {"name": Cell(name or data.name_of(code)), "place": Cell(code)}


def of_time(level: str, start: datetime, end: datetime) -> Row:
    """Cells of WHEN; moments as people in Beijing have them."""
    return dict(_of_time(level, start, end))


@lru_cache(20_000)
def _of_time(level: str, start: datetime, end: datetime) -> Row:
    """Made once for all places: of 300 in an hour there is one hour."""
    return {
        "date": Cell(beijing(start).date()),
        "hour": Cell(hour_label(start)),
        "period": Cell(period_words(level, start, end)),
        "label": Cell(short_label(level, start, end)),
        "begin": Cell(beijing(start)),
        "end": Cell(beijing(end)),
    }
