"""From answers to a document: numbers as asked, gaps and marks said, nothing left out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pyarrow as pa
from report_tables import PLACES, month, one_day

from admin.reports.building import MARKED, NO_ROWS, NOT_VALID, build
from admin.reports.charting import NO_VALUES
from admin.reports.data import ReportData
from admin.reports.document import Cell, Column, Document, Table, Text, shown
from admin.reports.template import load


def made(name: str, data: ReportData) -> Document:
    """The document of a shipped template."""
    return build(load(name), data)


def table(document: Document, name: str) -> Table:
    """One of its tables."""
    return next(one for one in document.tables if one.name == name)


def column(found: Table, key: str) -> list[Cell]:
    """Cells of a column."""
    at = [one.key for one in found.columns].index(key)
    return [row[at] for row in found.rows]


def test_numbers_are_those_of_the_answer() -> None:
    """Each day of each place with its concentration, index and dates of Beijing."""
    data = month()
    asked = data.tables["aqi", "day"]
    days = table(made("air-period", data), "days")
    assert [cell.value for cell in column(days, "pm25")] == asked["pm25"].to_pylist()
    assert [cell.value for cell in column(days, "date")][:2] == [
        date(2026, 10, 1),
        date(2026, 10, 2),
    ]
    published = [
        str(cell.value) if cell.value is not None else cell.mark
        for cell in column(days, "published_aqi")
    ]
    assert published == asked["published_aqi"].to_pylist()
    assert "NA" in published


def test_days_add_up() -> None:
    """Days by level and days without are all the days; a share of nothing is said."""
    data = month()
    levels = table(made("air-period", data), "levels")
    keys = [one.key for one in levels.columns]
    for row in levels.rows:
        cells = dict(zip(keys, (cell.value for cell in row), strict=True))
        by_level = [cells[f"level{n}"] for n in range(1, 7)]
        assert sum(by_level) == cells["valid"]
        assert cells["valid"] + cells["invalid"] == 31
        assert cells["good_share"] == round(100 * cells["good"] / cells["valid"], 1)
    assert len(levels.rows) == len(PLACES)


def test_days_that_are_not_published_do_not_count() -> None:
    """NA is no good day: neither in the days by level nor among the primary pollutants."""
    data = month()
    rows = data.tables["aqi", "day"].to_pylist()
    for row in rows:
        row["published_aqi"] = "NA"
    data.tables["aqi", "day"] = pa.Table.from_pylist(rows, data.tables["aqi", "day"].schema)
    document = made("air-period", data)
    assert {cell.value for cell in column(table(document, "levels"), "valid")} == {0}
    assert {cell.mark for cell in column(table(document, "levels"), "good_share")} == {
        "无有效数据"
    }
    assert document.fields["good_share"] == "—"


def test_marks_are_said() -> None:
    """A value that does not count keeps its number and its reason, a gap has its reason alone."""
    data = month()
    document = made("data", data)
    values = table(document, "values")
    marked = [cell for cell in column(values, "value") if cell.mark]
    assert marked
    assert all(cell.value is not None for cell in marked)
    assert MARKED in values.notes
    wide = table(made("data-days", data), "days")
    gaps = [cell for row in wide.rows for cell in row if cell.mark == "无数据"]
    assert gaps
    assert any("17/20" in str(cell.value) for cell in column(wide, "mark"))
    assert NOT_VALID in table(made("air-period", data), "days").notes
    heads = [one.label.replace("\n", " ") for one in wide.columns[2:5]]
    assert heads == ["PM2.5 μg/m³", "一氧化碳 mg/m³", "臭氧日最大8小时平均 μg/m³"]


def test_a_mark_is_shown_though_no_template_asks(tmp_path: Path) -> None:
    """A column of reasons is added where there are some."""
    (tmp_path / "mine.toml").write_text(
        'title = "x"\nkinds = ["month"]\n[[section]]\nkind = "table"\nname = "days"\n'
        'view = "index"\ncolumns = ["name", "pm25"]\n',
        encoding="utf-8",
    )
    (found,) = build(load("mine", tmp_path), month()).tables
    assert [one.key for one in found.columns] == ["name", "pm25", "mark"]


def test_what_is_not_there_is_said() -> None:
    """Tables without rows and charts without values are sentences, and so is the version."""
    data = month()
    empty = {at: rows.slice(0, 0) for at, rows in data.tables.items()}
    document = made("air-period", msgspec.structs.replace(data, tables=empty))
    assert document.tables == document.charts == []
    texts = {part.text for part in document.parts if isinstance(part, Text)}
    assert NO_ROWS in texts
    assert dict(document.facts)["数据版本"] == "没有数据"
    rows = data.tables["ranking", ""].to_pylist()
    for row in rows:
        row["index"] = None
    none = pa.Table.from_pylist(rows, data.tables["ranking", ""].schema)
    data.tables["ranking", ""] = none
    parts = {part.name: part for part in made("air-period", data).parts}
    assert isinstance(parts["index"], Text)
    assert parts["index"].text == NO_VALUES


def test_facts() -> None:
    """Period, places, standards, version of the data: what was the base of the numbers."""
    facts = dict(made("air-period", month()).facts)
    assert facts["统计时段"] == "2026年10月"
    assert facts["执行标准"] == "HJ 633-2026、GB 3095-2026（过渡期限值）"
    assert facts["数据版本"] == "第 2 版，截至 2026-11-02 08:30 收到并审核的数据"


def test_lines_have_gaps() -> None:
    """Values that do not count are no points of a line; 24 labels a day, the last 24:00."""
    document = made("data-hours", one_day())
    (chart,) = document.charts
    assert chart.labels[0] == "10-01 01:00"
    assert chart.labels[-1] == "10-01 24:00"
    assert any(value is None for one in chart.series for value in one.values)
    assert chart.series[0].name == "西湖子站 PM2.5 平均值"


def test_rounded_once_half_to_even() -> None:
    """GB/T 8170 in every format: 34.5 is 34, 35.5 is 36."""
    cells = [Cell(34.5), Cell(35.5), Cell(0.25, "", 1)]
    data = month()
    rows = data.tables["ranking", ""].to_pylist()[:3]
    for row, cell in zip(rows, cells, strict=True):
        row["good_share"] = cell.value
        row["index"] = 2.345
    data.tables["ranking", ""] = pa.Table.from_pylist(rows, data.tables["ranking", ""].schema)
    ranking = table(made("air-period", data), "ranking")
    assert [cell.value for cell in column(ranking, "index")] == [2.34] * 3
    assert shown(Cell(12.0, "有效数据不足"), Column("x", "x", "number", 1)) == "12.0*"
    assert shown(Cell(None, "无数据"), Column("x", "x", "number", 1)) == "无数据"
    assert shown(Cell(24), Column("x", "x", "hour")) == "24:00"
