"""PDF: pages with a header and numbers, tables that go on over pages, charts; the font embedded.

Only the glyphs that are used are embedded. A table that is wider than the page gets smaller
letters, down to a least size, then its texts are folded.
Tests: tests/admin/test_report_formats.py.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from admin.fonts import Font
from admin.reports.document import Cell, Chart, Column, Document, Table, Text, shown
from admin.reports.formats.drawing import INCHES, draw
from admin.reports.rendering import Options, Tell

_FAMILY = "report"
_MARGIN_MM = 12.0
_POINTS_MM = 0.3528
_LARGEST, _SMALLEST = 9.0, 6.0
_PADDING_MM = 0.9  # on each side
_CHART_MM = (230.0, 80.0)  # two below each other on a page
_LOOKED_AT = 2_000  # rows, for the width of a column
_FOLDED_EM = 9  # columns wider than so many Chinese letters may fold, than twice these must
_WIDENED = 1.5  # narrow tables grow so many times, at most to the width of the page
_LEAST_CHART_MM = 60.0  # of its height, before it goes to the next page
_NOTE_MM = 5.0
_HEAD = (220, 230, 241)
_LINE = (180, 180, 180)
_GREY = (90, 90, 90)


class _Pages(FPDF):
    """A4 with the title above and the number of the page below."""

    def __init__(self, document: Document, font: Font) -> None:
        super().__init__("landscape" if document.landscape else "portrait", "mm", "A4")
        self._title = document.title
        self._origin = "    ".join(text for _, text in document.facts[-2:])
        self.add_font(_FAMILY, "", str(font.path), collection_font_number=font.face)
        self.set_margins(_MARGIN_MM, _MARGIN_MM)
        self.set_auto_page_break(True, _MARGIN_MM + 6)
        self.c_margin = 0
        self.set_title(document.title)
        self.set_creator("hj212d")
        self.set_lang("zh-CN")

    def header(self) -> None:
        """The title, small; not on the first page, which has it large."""
        if self.page_no() == 1:
            return
        self._small()
        self.cell(0, 5, self._title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_draw_color(*_LINE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(2)

    def footer(self) -> None:
        """Version of the data on the left, number of the page on the right."""
        self.set_y(-_MARGIN_MM - 1)
        self._small()
        self.cell(self.epw * 0.85, 5, self._origin)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")

    def words(self, points: float, text: str, align: str = "L") -> None:
        """A paragraph."""
        self.set_font(_FAMILY, size=points)
        self.set_text_color(0, 0, 0)
        high = points * _POINTS_MM * 1.6
        self.multi_cell(0, high, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def heading(self, text: str, room_mm: float) -> None:
        """A heading, on the page on which what follows it begins."""
        if not text:
            return
        if self.get_y() + 9 + room_mm > self.page_break_trigger:
            self.add_page()
        self.ln(3)
        self.words(12, text)
        self.ln(1)

    def _small(self) -> None:
        self.set_font(_FAMILY, size=8)
        self.set_text_color(*_GREY)


def write(document: Document, path: Path, options: Options, tell: Tell) -> None:
    """One file, PDF with text that can be searched."""
    assert options.font is not None
    pages = _Pages(document, options.font)
    pages.add_page()
    pages.words(18, document.title, "C")
    pages.ln(2)
    for label, text in document.facts:
        pages.words(9.5, f"{label}：{text}")
    total = sum(len(table.rows) for table in document.tables) + len(document.charts)
    done = 0
    for part in document.parts:
        match part:
            case Text():
                pages.heading(part.heading, 10)
                pages.words(10.5, part.text)
            case Chart():
                _chart(pages, part, options.font)
                done += 1
            case Table():
                _table(pages, part, partial(_tell_more, tell, done, total))
                done += len(part.rows)
        tell(done, total)
    if document.notes:
        pages.ln(3)
    for note in document.notes:
        pages.words(9, note)
    pages.output(str(path))


def _tell_more(tell: Tell, before: int, total: int, rows: int) -> None:
    tell(before + rows, total)


def _chart(pages: _Pages, chart: Chart, font: Font) -> None:
    width = min(pages.epw, _CHART_MM[0])
    notes = sum(1 for _ in chart.notes) * _NOTE_MM
    room = pages.page_break_trigger - pages.get_y() - notes - 4
    if room < _LEAST_CHART_MM:
        pages.add_page()
        room = _CHART_MM[1]
    height = min(room, _CHART_MM[1])
    pages.ln(2)
    left = pages.l_margin + (pages.epw - width) / 2
    picture = io.BytesIO(draw(chart, font, height / width * INCHES[0]))
    pages.image(picture, x=left, w=width, h=height, alt_text=chart.heading)
    for note in chart.notes:
        pages.words(8.5, note)


def _table(pages: _Pages, table: Table, tell: Callable[[int], object]) -> None:
    if table.break_before:
        pages.add_page()
    points, widths = _fitted(pages, table)
    pages.heading(table.heading, points * 3)
    drawn = _Rows(pages, points, widths)
    heads = [column.label for column in table.columns]
    drawn.head(heads)
    for number, row in enumerate(table.rows, 1):
        texts = [shown(cell, column) for cell, column in zip(row, table.columns, strict=True)]
        drawn.row(texts, row, table.columns, heads)
        if number % 500 == 0:
            tell(number)
    pages.ln(1)
    for note in table.notes:
        pages.words(8.5, note)


def _fitted(pages: _Pages, table: Table) -> tuple[float, list[float]]:
    """Size of the letters and widths in mm, so that the table is as wide as the page at most."""
    per_point = _widest(pages, table)
    room = pages.epw - 2 * _PADDING_MM * len(per_point)
    points = max(_SMALLEST, min(_LARGEST, room / sum(per_point)))
    widths = [one * points + 2 * _PADDING_MM + 0.1 for one in per_point]
    grown = min(_WIDENED, pages.epw / sum(widths))
    if grown > 1:
        return points, [width * grown for width in widths]
    if sum(widths) > pages.epw:
        # Only wide columns give way: numbers stay on one line.
        spare = sum(widths) - pages.epw
        least = _FOLDED_EM * points * _POINTS_MM + 2 * _PADDING_MM
        slack = sum(max(0.0, width - least) for width in widths) or 1.0
        part = min(1.0, spare / slack)
        widths = [width - max(0.0, width - least) * part for width in widths]
        scale = min(1.0, pages.epw / sum(widths))
        widths = [width * scale for width in widths]
    return points, widths


def _widest(pages: _Pages, table: Table) -> list[float]:
    """Of each column the widest text in mm, for letters of one point."""
    pages.set_font(_FAMILY, size=10)
    found = []
    for number, column in enumerate(table.columns):
        cells = islice((row[number] for row in table.rows), _LOOKED_AT)
        texts = {line for cell in cells for line in shown(cell, column).split("\n")}
        texts.update(column.label.split("\n"))
        widest = max(pages.get_string_width(text) for text in texts) / 10
        given = column.width * 0.5 * _POINTS_MM
        found.append(given or min(widest, _FOLDED_EM * 2 * _POINTS_MM))
    return found


class _Rows:
    """Rows of one table, the head again on each page."""

    def __init__(self, pages: _Pages, points: float, widths: list[float]) -> None:
        self._pages = pages
        self._points = points
        self._widths = widths
        self._high = points * _POINTS_MM * 1.35

    def head(self, labels: list[str]) -> None:
        """The labels of the columns."""
        self._ready()
        lines = [self._folded(one, width) for one, width in zip(labels, self._widths, strict=True)]
        height = self._height(lines)
        for number, one in enumerate(lines):
            self._box(number, one, height, "C", _HEAD, (0, 0, 0))
        self._next(height)

    def row(
        self, texts: list[str], cells: list[Cell], columns: list[Column], heads: list[str]
    ) -> None:
        """One row; on a new page when it does not fit."""
        lines = [self._folded(one, width) for one, width in zip(texts, self._widths, strict=True)]
        height = self._height(lines)
        if self._pages.get_y() + height > self._pages.page_break_trigger:
            self._pages.add_page()
            self.head(heads)
        self._ready()
        for number, one in enumerate(lines):
            fill = _rgb(cells[number].fill)
            align = "L" if columns[number].kind == "text" and not fill else "C"
            if columns[number].kind == "number" and not fill and cells[number].value is not None:
                align = "R"
            ink = (255, 255, 255) if fill and _is_dark(fill) else (0, 0, 0)
            self._box(number, one, height, align, fill, ink)
        self._next(height)

    def _ready(self) -> None:
        self._pages.set_font(_FAMILY, size=self._points)
        self._pages.set_draw_color(*_LINE)

    def _box(
        self,
        number: int,
        lines: list[str],
        height: float,
        align: str,
        fill: tuple[int, int, int] | None,
        ink: tuple[int, int, int],
    ) -> None:
        pages = self._pages
        left = pages.l_margin + sum(self._widths[:number])
        top = pages.get_y()
        if fill:
            pages.set_fill_color(*fill)
        pages.rect(left, top, self._widths[number], height, style="DF" if fill else "D")
        pages.set_text_color(*ink)
        at = top + (height - len(lines) * self._high) / 2
        for line in lines:
            pages.set_xy(left + _PADDING_MM, at)
            pages.cell(self._widths[number] - 2 * _PADDING_MM, self._high, line, align=align)
            at += self._high
        pages.set_xy(pages.l_margin, top)

    def _folded(self, text: str, width: float) -> list[str]:
        """Lines that fit the column; broken anywhere, as Chinese is."""
        room = width - 2 * _PADDING_MM + 0.05
        found = []
        for line in text.split("\n"):
            while self._pages.get_string_width(line) > room and len(line) > 1:
                cut = len(line) - 1
                while cut > 1 and self._pages.get_string_width(line[:cut]) > room:
                    cut -= 1
                found.append(line[:cut])
                line = line[cut:]
            found.append(line)
        return found

    def _height(self, lines: list[list[str]]) -> float:
        return max(len(one) for one in lines) * self._high + _PADDING_MM

    def _next(self, height: float) -> None:
        self._pages.set_xy(self._pages.l_margin, self._pages.get_y() + height)


def _rgb(colour: str) -> tuple[int, int, int] | None:
    if not colour:
        return None
    text = colour.lstrip("#")
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def _is_dark(colour: tuple[int, int, int]) -> bool:
    red, green, blue = colour
    return red * 0.299 + green * 0.587 + blue * 0.114 < 110
