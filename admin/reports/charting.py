"""From rows of a view to a chart: labels along the axis, a series for each column or each place.

Values that do not count are left out, a gap is a gap. Tests: tests/admin/test_report_building.py.
"""

from __future__ import annotations

from datetime import date, datetime

from admin.reports.document import Cell, Chart, Column, Part, Series, Text, shown
from admin.reports.template import Section
from admin.reports.views.view import Row
from aqi.standards import levels

NO_VALUES = "没有有效数据，图略。"
MOST_LINES = 10  # more cannot be told apart by colour


def chart(
    section: Section, heading: str, rows: list[Row], columns: dict[str, Column], notes: list[str]
) -> Part:
    """The chart; a text that says so where there is nothing to draw."""
    labels = list(dict.fromkeys(_label(row, columns[section.x]) for row in rows))
    if section.split:
        series = _for_each(section, rows, columns, labels)
    else:
        series = [_of_column(section, rows, columns, labels, key) for key in section.y]
    series = [one for one in series if any(value is not None for value in one.values)]
    if not series:
        return Text(section.name, heading, NO_VALUES)
    most = section.top or MOST_LINES
    if section.split and len(series) > most:
        notes = [*notes, f"共 {len(series)} 个，画出前 {most} 个。"]
        series = series[:most]
    axis = section.axis or columns[section.y[0]].label.replace("\n", " ")
    return Chart(section.name, heading, section.chart, labels, series, axis, notes)


def _for_each(
    section: Section, rows: list[Row], columns: dict[str, Column], labels: list[str]
) -> list[Series]:
    """A series for each value of the columns that split."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        name = " ".join(shown(row[key], columns[key]) for key in section.split)
        found.setdefault(name, []).append(row)
    return [
        Series(name, _values(section, own, columns, labels, section.y[0]))
        for name, own in found.items()
    ]


def _of_column(
    section: Section, rows: list[Row], columns: dict[str, Column], labels: list[str], key: str
) -> Series:
    """One column; with the colours of its cells where they have some."""
    values = _values(section, rows, columns, labels, key)
    fills = {_label(row, columns[section.x]): row[key].fill for row in rows}
    colours = [fills[label] for label in labels] if all(fills.values()) else []
    return Series(columns[key].label.replace("\n", ""), values, _own_colour(key), colours)


def _values(
    section: Section, rows: list[Row], columns: dict[str, Column], labels: list[str], key: str
) -> list[float | None]:
    by_label = {_label(row, columns[section.x]): _number(row[key]) for row in rows}
    return [by_label.get(label) for label in labels]


def _number(cell: Cell) -> float | None:
    if cell.mark or isinstance(cell.value, str | date) or cell.value is None:
        return None
    return cell.value


def _label(row: Row, column: Column) -> str:
    """Short: the year stands in the title."""
    value = row[column.key].value
    if isinstance(value, datetime):
        return f"{value:%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%m-%d}"
    return shown(row[column.key], column)


def _own_colour(key: str) -> str:
    """Of a column of days by level: the level's."""
    number = key.removeprefix("level")
    if not key.startswith("level") or not number.isdecimal():
        return ""
    return levels()[int(number) - 1].hex
