"""Excel: a sheet a table, numbers as numbers and dates as dates, charts of Excel's own.

A number that does not count keeps its value and shows * behind it (a number format), a missing one
shows its reason. Texts are never formulas. Tests: tests/admin/test_report_formats.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.chart import BarChart, LineChart, PieChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break

from admin.reports.document import NOTHING, SUSPECT, Cell, Chart, Column, Document, Table, Text
from admin.reports.formats.widths import half_widths, text_width
from admin.reports.rendering import Options, Tell

FRONT = "说明"
CHARTS = "图表"
CHART_DATA = "图表数据"

_BOLD = Font(name="Calibri", family=2, size=11, bold=True)
_HEAD = PatternFill("solid", fgColor="FFDCE6F1")
_LINE = Border(*[Side("thin", color="FFBFBFBF")] * 4)
_CENTRE = Alignment("center", "center", wrap_text=True)
_FIELD = re.compile(r"\{([a-z_]+)\}")
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31
_TOLD_ROWS = 500
_TEXT = "@"  # the number format of texts
_NO_COLOUR = "C9C9C9"
_FRONT_WIDTH = 90
_CHART_CM = (24.0, 11.0)
_AXIS_ROOM = 110  # half-width characters beside each other on the axis
_CHART_ROWS = 24  # rows of a sheet that a chart of that height covers


def write(document: Document, path: Path, options: Options, tell: Tell) -> None:
    """One workbook; of the deployment's own when it has one."""
    if options.frame is not None:
        book = openpyxl.load_workbook(options.frame)
        _fill(book, document.fields)
    else:
        book = openpyxl.Workbook()
        book.remove(book.active)
    book.properties.title = document.title
    book.properties.creator = "hj212d"
    _front(book, document)
    total = sum(len(table.rows) for table in document.tables)
    done = 0
    for table in document.tables:
        _sheet(book, table, document.title, partial(_tell_more, tell, done, total))
        done += len(table.rows)
        tell(done, total)
    _charts(book, document.charts, document.title)
    book.save(path)


def _tell_more(tell: Tell, before: int, total: int, rows: int) -> None:
    tell(before + rows, total)


def _fill(book: Any, fields: dict[str, str]) -> None:
    """{period} and the like in the cells of a deployment's workbook."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and not cell.value.startswith("="):
                    text = _FIELD.sub(lambda m: fields.get(m[1], m[0]), cell.value)
                    _put(cell, text)


def _front(book: Any, document: Document) -> None:
    sheet = book.create_sheet(_name(book, FRONT))
    _put(sheet.cell(1, 1), document.title)
    sheet.cell(1, 1).font = Font(name="Calibri", family=2, bold=True, size=16)
    row = 3
    for label, text in document.facts:
        _put(sheet.cell(row, 1), label)
        _put(sheet.cell(row, 2), text)
        sheet.cell(row, 1).font = _BOLD
        row += 1
    for part in document.parts:
        if isinstance(part, Text):
            row += 1
            _put(sheet.cell(row, 1), part.heading)
            sheet.cell(row, 1).font = _BOLD
            _wrapped(sheet, row + 1, part.text)
            row += 2
    for note in document.notes:
        row += 1
        _wrapped(sheet, row, note)
    sheet.column_dimensions["A"].width = 14
    sheet.column_dimensions["B"].width = _FRONT_WIDTH + 6
    _as_wide_as_a_page(sheet, document.title)


def _as_wide_as_a_page(sheet: Any, title: str) -> None:
    """When it is printed: the report and the sheet above, the number of the page below."""
    sheet.oddHeader.left.text = title.replace("&", "&&")
    sheet.oddHeader.right.text = "&A"
    sheet.oddFooter.center.text = "&P / &N"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _wrapped(sheet: Any, row: int, text: str) -> None:
    _put(sheet.cell(row, 2), text)
    sheet.cell(row, 2).alignment = Alignment(wrap_text=True, vertical="top")
    lines = -(-text_width(text) // _FRONT_WIDTH)
    sheet.row_dimensions[row].height = 16.0 * max(1, lines)


def _sheet(book: Any, table: Table, title: str, tell: Callable[[int], object]) -> None:
    styles = _Styles()
    sheet = book.create_sheet(_name(book, table.heading or table.name))
    for number, column in enumerate(table.columns, 1):
        head = sheet.cell(1, number)
        _put(head, column.label)
        head.font, head.fill, head.border = _BOLD, _HEAD, _LINE
        head.alignment = _CENTRE
    for row, cells in enumerate(table.rows, 2):
        for number, (cell, column) in enumerate(zip(cells, table.columns, strict=True), 1):
            _value(sheet.cell(row, number), cell, column, styles)
        if row % _TOLD_ROWS == 0:
            tell(row - 1)
    if any("\n" in column.label for column in table.columns):
        sheet.row_dimensions[1].height = 32
    for number, width in enumerate(half_widths(table), 1):
        sheet.column_dimensions[get_column_letter(number)].width = min(width, 60) + 2.5
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    _as_wide_as_a_page(sheet, title)
    sheet.print_title_rows = "1:1"
    for row, note in enumerate(table.notes, len(table.rows) + 3):
        _put(sheet.cell(row, 1), note)
        sheet.cell(row, 1).alignment = Alignment(wrap_text=False)


class _Styles:
    """Looks of cells, made once each: setting border, fill and alignment of every cell anew takes
    most of the time of a large sheet."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str, bool], Any] = {}

    def dress(self, target: Any, form: str, fill: str, centre: bool) -> None:
        """Number format, background and alignment of a cell; a text keeps away from the number
        on its left."""
        key = (form, fill, centre)
        if key in self._made:
            target._style = copy(self._made[key])
            return
        target.border = _LINE
        target.number_format = form
        if fill:
            target.fill = PatternFill("solid", fgColor="FF" + fill.lstrip("#"))
            if _is_dark(fill):
                target.font = Font(name="Calibri", family=2, size=11, color="FFFFFFFF")
        if centre:
            target.alignment = Alignment("center")
        elif form == _TEXT:
            target.alignment = Alignment("left", indent=1)
        self._made[key] = copy(target._style)


def _value(target: Any, cell: Cell, column: Column, styles: _Styles) -> None:
    value = cell.value
    if value is None:
        _put(target, cell.mark or NOTHING)
        styles.dress(target, "General", cell.fill, True)
    elif isinstance(value, str):
        _put(target, value)
        styles.dress(target, _TEXT, cell.fill, bool(cell.fill))
    else:
        target.value = value
        centre = bool(cell.fill) or column.kind in ("date", "moment", "hour")
        styles.dress(target, _format(cell, column), cell.fill, centre)


def _format(cell: Cell, column: Column) -> str:
    """Excel's format of a value; a number that does not count shows its star."""
    match cell.value:
        case datetime():
            return "yyyy-mm-dd hh:mm"
        case date():
            return "yyyy-mm-dd"
    if column.kind == "hour":
        return '00":00"'
    decimals = cell.decimals if cell.decimals is not None else column.decimals
    if isinstance(cell.value, int):
        plain = "0"
    elif decimals is None:
        plain = "General"
    else:
        plain = "0." + "0" * decimals if decimals else "0"
    return f'{plain}"{SUSPECT}"' if cell.mark else plain


def _put(target: Any, text: str) -> None:
    """A text that stays one: a name of the field that begins with = is no formula."""
    target.value = text
    target.data_type = "s"


def _name(book: Any, wished: str) -> str:
    """A name that a sheet may have and no other has."""
    name = _NO_SHEET_NAME.sub(" ", wished).strip()[:_LONGEST_NAME] or "表"
    number = 2
    while name in book.sheetnames:
        tail = f" {number}"
        name = name[: _LONGEST_NAME - len(tail)].removesuffix(f" {number - 1}") + tail
        number += 1
    return name


def _charts(book: Any, charts: list[Chart], title: str) -> None:
    """Charts on a sheet of their own, their numbers on another."""
    if not charts:
        return
    shown = book.create_sheet(_name(book, CHARTS))
    data = book.create_sheet(_name(book, CHART_DATA))
    _as_wide_as_a_page(shown, title)
    _as_wide_as_a_page(data, title)
    column = 1
    for number, chart in enumerate(charts):
        _numbers(data, chart, column)
        made = _chart(data, chart, column)
        shown.add_chart(made, f"B{2 + number * _CHART_ROWS}")
        shown.row_breaks.append(Break(id=(number + 1) * _CHART_ROWS))
        column += len(chart.series) + 2


def _numbers(sheet: Any, chart: Chart, first: int) -> None:
    _put(sheet.cell(1, first), chart.heading)
    sheet.column_dimensions[get_column_letter(first)].width = 18
    for offset, series in enumerate(chart.series, 1):
        _put(sheet.cell(1, first + offset), series.name)
    for row, label in enumerate(chart.labels, 2):
        _put(sheet.cell(row, first), label)
        for offset, series in enumerate(chart.series, 1):
            sheet.cell(row, first + offset).value = series.values[row - 2]


def _chart(sheet: Any, chart: Chart, first: int) -> Any:
    made: Any
    if chart.kind == "line":
        made = LineChart()
    elif chart.kind == "pie":
        made = PieChart()
        made.dataLabels = DataLabelList(
            showPercent=True,
            showCatName=True,
            showVal=False,
            showSerName=False,
            showLegendKey=False,
        )
    else:
        made = BarChart()
        if chart.kind == "stacked":
            made.grouping, made.overlap = "stacked", 100
    last = len(chart.labels) + 1
    values = Reference(
        sheet, min_col=first + 1, max_col=first + len(chart.series), min_row=1, max_row=last
    )
    made.add_data(values, titles_from_data=True)
    made.set_categories(Reference(sheet, min_col=first, min_row=2, max_row=last))
    made.title = chart.heading
    made.width, made.height = _CHART_CM
    if chart.kind != "pie":
        made.y_axis.title = chart.axis
        # openpyxl's default hides both axes in recent versions of Excel.
        made.x_axis.delete = made.y_axis.delete = False
        widest = max(map(text_width, chart.labels))
        made.x_axis.tickLblSkip = max(1, -(-len(chart.labels) * (widest + 2) // _AXIS_ROOM))
    for drawn, series in zip(made.series, chart.series, strict=True):
        _colour(drawn, chart, series.colour)
    if len(chart.series) == 1 and chart.kind != "pie":
        made.legend = None
    return made


def _colour(drawn: Any, chart: Chart, colour: str) -> None:
    if chart.kind == "line":
        drawn.smooth = False
        drawn.graphicalProperties.line.width = 19050
    elif colour or chart.kind == "stacked":
        colour = colour or _NO_COLOUR
        drawn.graphicalProperties = GraphicalProperties(solidFill=colour.lstrip("#"))


def _is_dark(colour: str) -> bool:
    red, green, blue = (int(colour.lstrip("#")[at : at + 2], 16) for at in (0, 2, 4))
    return red * 0.299 + green * 0.587 + blue * 0.114 < 110
