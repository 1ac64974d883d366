"""Word: headings, tables with a head on each page, charts as pictures.

A document of the deployment (docxtpl: {{ title }}, {{ period }}, {%tr for row in
tables.ranking.rows %} …) is filled, and the report goes where {{ body }} stands, else to its end.
Its expressions run in Jinja's sandbox. Tests: tests/admin/test_report_formats.py.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
import docxtpl
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from jinja2.exceptions import TemplateError
from jinja2.sandbox import SandboxedEnvironment

from admin.reports.document import Cell, Chart, Column, Document, Table, Text, shown
from admin.reports.formats.drawing import draw
from admin.reports.formats.widths import half_widths
from admin.reports.rendering import CannotRender, Options, Tell

_LATIN, _CHINESE = "Arial", "宋体"
_BODY = "@@report-body@@"
_HEAD = "DCE6F1"
_MARGIN_MM = 15
_EM = 0.62  # width of a half-width character, for letters that Word takes in place of ours
_CHART_INCHES = 3.6  # high, of ten wide: two below each other on a page
_WIDENED = 1.5  # narrow tables grow so many times, at most to the width of the page
_CELL_MARGINS_PT = 12.0  # left and right of the text in a cell of Word


def write(document: Document, path: Path, options: Options, tell: Tell) -> None:
    """One document."""
    if options.frame is not None:
        book, place = _framed(document, options.frame)
    else:
        book, place = _blank(document), None
    before = len(book.element.body)
    _contents(book, document, options, tell, titled=options.frame is None)
    if place is not None:
        # What was added stands at the end, before the section's own properties: bring it here.
        added = [one for one in list(book.element.body)[before - 1 : -1] if one is not place]
        for element in added:
            place.addprevious(element)
        place.getparent().remove(place)
    book.core_properties.title = document.title
    book.core_properties.author = "hj212d"
    book.save(path)


def _framed(document: Document, frame: Path) -> tuple[Any, Any]:
    """The deployment's document with its fields filled, and the paragraph of {{ body }}."""
    template = docxtpl.DocxTemplate(str(frame))
    tables = {
        table.name: {
            "heading": table.heading,
            "columns": [column.label.replace("\n", " ") for column in table.columns],
            "rows": [_texts(row, table.columns) for row in table.rows],
        }
        for table in document.tables
    }
    context = {**document.fields, "title": document.title, "tables": tables, "body": _BODY}
    try:
        template.render(context, jinja_env=SandboxedEnvironment(), autoescape=True)
    except TemplateError as problem:
        raise CannotRender(f"{frame}: {problem}") from problem
    book = template.docx
    for paragraph in book.paragraphs:
        if _BODY in paragraph.text:
            return book, paragraph._p
    return book, None


def _texts(row: list[Cell], columns: list[Column]) -> list[str]:
    return [shown(cell, column) for cell, column in zip(row, columns, strict=True)]


def _blank(document: Document) -> Any:
    book = docx.Document()
    section = book.sections[0]
    short, long = Mm(210), Mm(297)
    if document.landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = long, short
    else:
        section.page_width, section.page_height = short, long
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(_MARGIN_MM))
    for name in ("Normal", "Title", "Heading 1"):
        _font_of(book.styles[name])
    _numbered(section.footer.paragraphs[0])
    return book


def _font_of(style: Any) -> None:
    style.font.name = _LATIN
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), _CHINESE)


def _numbered(paragraph: Any) -> None:
    """The number of the page, in the middle."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)


def _contents(
    book: Any, document: Document, options: Options, tell: Tell, *, titled: bool
) -> None:
    assert options.font is not None
    if titled:
        book.add_heading(document.title, 0).alignment = WD_ALIGN_PARAGRAPH.CENTER
        for label, text in document.facts:
            _line(book, f"{label}：{text}", 10)
    total = sum(len(table.rows) for table in document.tables) + len(document.charts)
    done = 0
    for part in document.parts:
        if isinstance(part, Table) and part.break_before:
            book.add_page_break()
        if part.heading and not isinstance(part, Chart):
            book.add_heading(part.heading, 1)
        match part:
            case Text():
                _line(book, part.text, 11)
            case Chart():
                _picture(book, draw(part, options.font, _CHART_INCHES), _width(book))
                done += 1
            case Table():
                _table(book, part)
                done += len(part.rows)
        for note in [] if isinstance(part, Text) else part.notes:
            _line(book, note, 9)
        tell(done, total)
    for note in document.notes:
        _line(book, note, 9)


def _line(book: Any, text: str, points: float) -> None:
    paragraph = book.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.add_run(text).font.size = Pt(points)


def _width(book: Any) -> int:
    section = book.sections[-1]
    return int(section.page_width - section.left_margin - section.right_margin)


def _picture(book: Any, picture: bytes, room: int) -> None:
    book.add_picture(io.BytesIO(picture), width=min(room, Mm(220)))
    book.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
    book.paragraphs[-1].paragraph_format.space_before = Pt(8)


def _table(book: Any, table: Table) -> None:
    # Half a letter more on each side: the reader's font may be wider than ours.
    wanted = [width + 1 for width in half_widths(table)]
    room = _width(book)
    spare = room / Pt(1) - _CELL_MARGINS_PT * len(wanted)
    points = max(6.0, min(9.0, spare / (_EM * sum(wanted))))
    made = book.add_table(len(table.rows) + 1, len(table.columns))
    made.style = "Table Grid"
    made.autofit = False
    each = [_EM * width * points + _CELL_MARGINS_PT for width in wanted]
    widths = [int(one * min(_WIDENED * Pt(1), room / sum(each))) for one in each]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    # The rows at once: python-docx looks the whole table through for each single cell.
    heads, *lines = list(made.rows)
    _repeat(heads)
    _whole(heads)
    for cell, column, width in zip(heads.cells, table.columns, widths, strict=True):
        cell.width = width
        _write(cell, column.label, points, centre=True, fill=_HEAD)
    for line, row in zip(lines, table.rows, strict=True):
        _whole(line)
        for target, cell, column, width in zip(
            line.cells, row, table.columns, widths, strict=True
        ):
            target.width = width
            centre = column.kind != "text" or bool(cell.fill)
            _write(target, shown(cell, column), points, centre=centre, fill=cell.fill)


def _write(target: Any, text: str, points: float, *, centre: bool, fill: str) -> None:
    paragraph = target.paragraphs[0]
    run = paragraph.add_run(text)
    run.font.size = Pt(points)
    paragraph.paragraph_format.space_after = Pt(0)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if not text:
        _small(paragraph, points)
    if fill:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), fill.lstrip("#"))
        target._tc.get_or_add_tcPr().append(shade)
        if _is_dark(fill):
            run.font.color.rgb = RGBColor(255, 255, 255)


def _small(paragraph: Any, points: float) -> None:
    """An empty paragraph is as high as its mark: no higher than the texts beside it."""
    look = OxmlElement("w:rPr")
    size = OxmlElement("w:sz")
    size.set(qn("w:val"), str(round(2 * points)))
    look.append(size)
    paragraph._p.get_or_add_pPr().append(look)


def _repeat(row: Any) -> None:
    """This row is the head of the table on each page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _whole(row: Any) -> None:
    """This row stands on one page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _is_dark(colour: str) -> bool:
    text = colour.lstrip("#")
    red, green, blue = (int(text[at : at + 2], 16) for at in (0, 2, 4))
    return red * 0.299 + green * 0.587 + blue * 0.114 < 110
