"""A seeded month in every format, read back: numbers are numbers, Chinese is legible."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path

import docx
import openpyxl
import pypdfium2
import pytest
from PIL import Image
from report_tables import month, one_day

from admin.fonts import Font, find_font
from admin.reports.building import build
from admin.reports.document import Document, Table, shown
from admin.reports.formats.drawing import draw
from admin.reports.formats.widths import text_width
from admin.reports.rendering import CannotRender, Options, render
from admin.reports.template import Found, load


@pytest.fixture(scope="module")
def font() -> Font:
    """The one that reports are drawn with."""
    return find_font("")


@pytest.fixture(scope="module")
def document() -> Document:
    """The report of the month."""
    return build(load("air-period"), month())


def file(
    document: Document, form: str, folder: Path, font: Font | None = None, **options: object
) -> Path:
    """The rendered file."""
    path = folder / f"report.{form}"
    told: list[tuple[int, int]] = []
    render(document, form, path, Options(font, **options), lambda *at: told.append(at))  # type: ignore[arg-type]
    assert told
    assert told[-1][0] == told[-1][1]
    assert [one.name for one in folder.glob(".*")] == []
    return path


def days(document: Document) -> Table:
    """The table of days."""
    return next(table for table in document.tables if table.name == "days")


def test_excel(document: Document, tmp_path: Path) -> None:
    """Cells have the numbers of the query as numbers, days as dates, the head stays in sight."""
    book = openpyxl.load_workbook(file(document, "xlsx", tmp_path))
    asked = month().tables["aqi", "day"].to_pylist()
    sheet = book["逐日空气质量"]
    heads = [str(cell.value).split("\n")[0] for cell in sheet[1]]
    assert heads[:4] == ["点位/区域", "日期", "PM2.5", "PM10"]
    assert sheet.freeze_panes == "B2"
    for row, want in zip(sheet.iter_rows(min_row=2), asked, strict=False):
        assert isinstance(row[1].value, datetime)
        assert row[1].number_format == "yyyy-mm-dd"
        for at, key in ((2, "pm25"), (3, "pm10"), (6, "co"), (7, "o3")):
            value = row[at].value
            if want[key] is None:
                assert value == "NA"
            else:
                assert (value, row[at].data_type) == (want[key], "n")
        published = row[8]
        if want["published_aqi"] != "NA":
            assert (published.value, published.data_type) == (want["aqi"], "n")
            assert published.fill.fgColor.rgb == "FF" + want["colour"].lstrip("#")
    assert date(2026, 10, 31) in {row[1].value.date() for row in sheet.iter_rows(2, 32)}


def test_excel_marks_charts_and_formulas(document: Document, tmp_path: Path) -> None:
    """A number that does not count shows a star, charts are Excel's, names are no formulas."""
    book = openpyxl.load_workbook(file(document, "xlsx", tmp_path))
    sheet = book["评价与达标情况"]
    starred = [row for row in sheet.iter_rows(min_row=2, max_col=11) if row[10].value]
    assert starred
    for row in starred:
        assert (row[3].value, row[3].number_format) == (1.25, '0.00"*"')
        assert row[10].value == "有效数据不足"
    charts = book["图表"]._charts
    kinds = sorted(type(chart).__name__ for chart in charts)
    assert kinds == ["BarChart", "BarChart", "LineChart", "PieChart"]
    names = [cell for row in book["综合指数排名"].iter_rows() for cell in row]
    named = [cell for cell in names if str(cell.value).startswith("=卧龙桥")]
    assert [cell.data_type for cell in named] == ["s"]
    widths = sheet.column_dimensions
    assert widths["C"].width > text_width("第95百分位数")


def test_word(document: Document, tmp_path: Path, font: Font) -> None:
    """Title, texts, each table with all its rows, the head on each page, pictures of charts."""
    book = docx.Document(str(file(document, "docx", tmp_path, font)))
    text = "\n".join(paragraph.text for paragraph in book.paragraphs)
    assert document.title in text
    assert "第 2 版，截至 2026-11-02 08:30" in text
    assert len(book.tables) == len(document.tables)
    assert len(book.inline_shapes) == len(document.charts)
    for made, table in zip(book.tables, document.tables, strict=True):
        assert len(made.rows) == len(table.rows) + 1
        assert "tblHeader" in made.rows[0]._tr.xml
    ranking = [[cell.text for cell in row.cells] for row in book.tables[0].rows]
    assert ranking[1][:3] == ["1", "西湖子站", "4.15"]
    assert ranking[4][0] == "不参加排名"


def test_pdf(document: Document, tmp_path: Path, font: Font) -> None:
    """Text can be searched, on every page something is drawn, the pages are counted."""
    pages = pypdfium2.PdfDocument(file(document, "pdf", tmp_path, font))
    try:
        texts = []
        for number in range(len(pages)):
            words = pages[number].get_textpage()
            texts.append(words.get_text_range())
            words.close()
            assert f"{number + 1} / {len(pages)}" in texts[-1]
            lowest, highest = pages[number].render(scale=1).to_pil().convert("L").getextrema()
            assert (lowest < 100, highest) == (True, 255)
        text = "".join(texts)
        assert len(pages) > 5
        for word in (document.title, "综合指数排名", "有效数据不足", "轻度污染", "4.15", "158.4"):
            assert word in text
        table = days(document)
        for row in table.rows[:40]:
            assert shown(row[1], table.columns[1]) in text
        # The head is repeated where a table goes on.
        assert sum("首要污染物\r\n（发布）" in one for one in texts) > 2
    finally:
        pages.close()


def test_every_glyph_is_there(document: Document, font: Font) -> None:
    """Nothing that a report writes becomes a box: the font knows each character."""
    texts = [document.title, *document.notes, *(text for _, text in document.facts)]
    for name, data in (("air-period", month()), ("air-day", one_day()), ("data", month())):
        made = build(load(name), data)
        for table in made.tables:
            texts += [table.heading, *table.notes, *(column.label for column in table.columns)]
            texts += [
                shown(cell, column)
                for row in table.rows
                for cell, column in zip(row, table.columns, strict=True)
            ]
        texts += [chart.heading + chart.axis + "".join(chart.labels) for chart in made.charts]
    assert font.missing("".join(texts)) == ""


def test_charts_have_their_glyphs(document: Document, font: Font) -> None:
    """Matplotlib warns of a glyph that it has not; warnings are errors here."""
    for chart in document.charts:
        picture = Image.open(io.BytesIO(draw(chart, font)))
        assert picture.size == (1500, 690)
        assert len(picture.convert("RGB").getcolors(1_000_000) or []) > 3


@pytest.mark.parametrize(("form", "kind"), [("png", "PNG"), ("jpg", "JPEG")])
def test_pictures(document: Document, tmp_path: Path, font: Font, form: str, kind: str) -> None:
    """All charts below each other, under the title."""
    with Image.open(file(document, form, tmp_path, font)) as picture:
        assert picture.format == kind
        assert picture.height > 4 * 690
        head = picture.convert("L").crop((0, 0, 1500, 120))
        assert head.getextrema()[0] < 50


def test_nothing_to_draw(tmp_path: Path, font: Font) -> None:
    """A report without charts is no picture; nothing is left behind."""
    with pytest.raises(CannotRender, match="nothing to draw"):
        render(build(load("data"), month()), "png", tmp_path / "x.png", Options(font), print)
    assert list(tmp_path.iterdir()) == []


def test_csv(document: Document, tmp_path: Path) -> None:
    """With and without the mark; numbers as shown; no field that a spreadsheet would run."""
    path = file(document, "csv", tmp_path)
    assert path.read_bytes()[:3] == b"\xef\xbb\xbf"
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    assert rows[0] == [document.title]
    table = days(document)
    head = rows.index([column.label.replace("\n", " ") for column in table.columns])
    for row, cells in zip(rows[head + 1 :], table.rows, strict=False):
        assert row[2] == shown(cells[2], table.columns[2])
    every = [field for row in rows for field in row]
    assert "'=卧龙桥(对照)" in every
    assert not any(field.startswith("=") for field in every)
    assert file(document, "csv", tmp_path, bom=False).read_bytes()[:3] != b"\xef\xbb\xbf"


def test_json(document: Document, tmp_path: Path) -> None:
    """Numbers, null and marks, by the names of the columns."""
    found = json.loads(file(document, "json", tmp_path).read_bytes())
    assert found["facts"]["统计时段"] == "2026年10月"
    tables = {part["table"]: part for part in found["parts"] if "table" in part}
    last = tables["ranking"]["rows"][3]
    assert (last["rank"], last["index"]) == (None, None)
    assert last["marks"]["rank"] == "不参加排名"
    assert tables["days"]["rows"][0]["date"] == "2026-10-01"


@pytest.fixture
def framed(tmp_path: Path) -> tuple[Found, Path]:
    """A template of a deployment with its own Word and Excel files."""
    folder = tmp_path / "templates"
    folder.mkdir()
    book = docx.Document()
    book.add_paragraph("某某市生态环境局 {{ period }}")
    book.add_paragraph("{{ body }}")
    book.add_paragraph("第一名：{{ tables.ranking.rows[0][1] }}；签发：")
    book.save(str(folder / "frame.docx"))
    sheets = openpyxl.Workbook()
    sheets.active["A1"] = "{period}（{place_names}）{unknown}"
    sheets.save(folder / "frame.xlsx")
    text = load("air-period").text
    text = text.replace("kinds =", 'docx = "frame.docx"\nxlsx = "frame.xlsx"\nkinds =', 1)
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return load("own", folder), folder


def test_a_frame_of_the_deployment(framed: tuple[Found, Path], tmp_path: Path, font: Font) -> None:
    """Its fields are filled, the report stands where it says."""
    found, folder = framed
    document = build(found, month())
    path = file(document, "docx", tmp_path, font, frame=folder / "frame.docx")
    texts = [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]
    assert texts[0] == "某某市生态环境局 2026年10月"
    assert texts[-1] == "第一名：西湖子站；签发："
    assert "综合指数排名" in texts[1:-1]
    assert "@@" not in "".join(texts)
    path = file(document, "xlsx", tmp_path, frame=folder / "frame.xlsx")
    book = openpyxl.load_workbook(path)
    assert str(book["Sheet"]["A1"].value).startswith("2026年10月（西湖子站、")
    assert "综合指数排名" in book.sheetnames


def test_a_frame_that_is_wrong(framed: tuple[Found, Path], tmp_path: Path, font: Font) -> None:
    """An expression that fails, or reaches for Python, is refused with the file's name."""
    _, folder = framed
    document = build(load("air-period"), month())
    for bad in ("{{ nothing.at.all }}", "{{ title.__class__.__mro__[1].__subclasses__() }}", "{{"):
        book = docx.Document()
        book.add_paragraph(bad)
        book.save(str(folder / "frame.docx"))
        with pytest.raises(CannotRender, match=r"frame\.docx"):
            file(document, "docx", tmp_path, font, frame=folder / "frame.docx")


def test_too_many_rows(document: Document, tmp_path: Path, font: Font) -> None:
    """A document of more rows than pages can bear is refused with what to do."""
    table = days(document)
    many = Table("days", "", table.columns, table.rows * 200)
    with pytest.raises(CannotRender, match="too many for docx"):
        render(Document("x", "x", [], [many]), "docx", tmp_path / "x.docx", Options(font), print)
