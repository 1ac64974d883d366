"""From answers and a template to a document: pure, the same input gives the same document.

What is not there is said: a table without rows and a chart without values become a sentence, and
marks are explained below the table that has them. Tests: tests/admin/test_report_building.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from admin.reports.catalogue import VIEWS
from admin.reports.charting import chart
from admin.reports.data import ReportData
from admin.reports.document import SUSPECT, Cell, Column, Document, Part, Table, Text, rounded
from admin.reports.template import ColumnSpec, Found, Section, level_of
from admin.reports.views.against import LAST_YEAR
from admin.reports.views.course import BEFORE
from admin.reports.views.view import REMARKED, Row
from admin.reports.words import (
    EVENTS,
    KINDS,
    MARKS,
    STANDARDS,
    beijing,
    joined,
    mark_words,
    period_words,
)

NO_ROWS = "没有符合条件的数据。"
MARKED = f"带 {SUSPECT} 的数值无效或有效数据不足，不参与评价，原因见“说明”。"
NOT_VALID = "“NA”表示缺测或不发布。"
MARK = "mark"

_NOT_STATED = "—"
# View, level and statistics -> rows: a table and its chart are made of the same.
Made = dict[tuple[str, ...], list[Row]]
_INSTANT = timedelta(microseconds=1)


def build(found: Found, data: ReportData) -> Document:
    """The document of a template over answers."""
    template = found.template
    made: Made = {}
    fields = fields_of(data)
    parts: list[Part] = [
        part for one in template.of_kind(data.kind) for part in _parts(one, data, fields, made)
    ]
    return Document(
        template=found.name,
        title=template.title.format(**fields),
        facts=_facts(fields),
        parts=parts,
        notes=[note.format(**fields) for note in template.notes],
        fields=fields,
        landscape=template.landscape,
    )


def fields_of(data: ReportData) -> dict[str, str]:
    """What texts of a template can name (`catalogue.FIELDS`)."""
    days = VIEWS["levels"].rows(data, "day")
    valid = sum(_count(row["valid"]) for row in days)
    good = sum(_count(row["good"]) for row in days)
    ranked = [row for row in VIEWS["ranking"].rows(data, "") if row["rank"].value is not None]
    revisions = [one for one in _column(data, "revision") if one is not None]
    moments = [one for one in _column(data, "as_of") if one is not None]
    names = [place.name or data.name_of(place.code) for place in data.places]
    what = _what(data)
    return {
        "place": data.place_words or joined(names, 2, what) or "全部点位",
        "place_names": joined(names, 20, what) or "全部点位",
        "places": str(len(names)),
        "kind": KINDS[data.kind],
        "period": period_words(data.kind, data.start, data.end),
        "from": f"{beijing(data.start):%Y-%m-%d}",
        "to": f"{beijing(data.end) - _INSTANT:%Y-%m-%d}",
        "standard": _standards(data),
        "events": "、".join(EVENTS[one] for one in EVENTS if one in _column(data, "events"))
        or _NOT_STATED,
        "marks": _marks(data),
        "revision": str(max(revisions)) if revisions else _NOT_STATED,
        "as_of": _moment(max(moments)) if moments else _NOT_STATED,
        "made": _moment(data.made),
        "best": str(ranked[0]["name"].value) if ranked else _NOT_STATED,
        "worst": str(ranked[-1]["name"].value) if ranked else _NOT_STATED,
        "ranking": _ranking_words([str(row["name"].value) for row in ranked]),
        "good_days": str(good) if days else _NOT_STATED,
        "valid_days": str(valid) if days else _NOT_STATED,
        "good_share": f"{rounded(100 * good / valid, 1):.1f}" if valid else _NOT_STATED,
    }


def _ranking_words(names: list[str]) -> str:
    """Who is first and last, or that nobody has a rank."""
    if not names:
        return "综合指数不作排名（有效数据不足）"
    return f"综合指数名次第一的是{names[0]}，最后的是{names[-1]}"


def _standards(data: ReportData) -> str:
    """Those of the period; others of the year before are said apart."""
    now: dict[str, None] = {}
    then: dict[str, None] = {}
    for (name, level), table in data.tables.items():
        if "standard" in table.schema.names:
            known = then if BEFORE in (name, level) or level == LAST_YEAR else now
            known.update(dict.fromkeys(one for one in pc.unique(table["standard"]).to_pylist()))
    words = [
        "、".join(STANDARDS.get(one, one) for one in some if one)
        for some in (now, [one for one in then if one not in now])
    ]
    return (words[0] or _NOT_STATED) + (f"；去年同期 {words[1]}" if words[1] else "")


def _marks(data: ReportData) -> str:
    """Which marks there are in all that was answered, in the order of their list."""
    every = {
        one.rpartition(":")[2]
        for marks in _column(data, "mark")
        if marks
        for one in marks.split(";")
    }
    return mark_words(";".join(sorted(every, key=_in_order))) or "无"


def _in_order(mark: str) -> int:
    return list(MARKS).index(mark) if mark in MARKS else len(MARKS)


def _facts(fields: dict[str, str]) -> list[tuple[str, str]]:
    version = f"第 {fields['revision']} 版，截至 {fields['as_of']} 收到并审核的数据"
    stated = fields["as_of"] != _NOT_STATED
    return [
        ("统计时段", fields["period"]),
        ("统计范围", fields["place_names"]),
        ("执行标准", fields["standard"]),
        ("异常事件", fields["events"]),
        ("数据标记", fields["marks"]),
        ("数据版本", version if stated else "没有数据"),
        ("生成时间", fields["made"]),
    ]


def _parts(
    section: Section, data: ReportData, fields: dict[str, str], made: Made
) -> Iterable[Part]:
    heading = section.heading.format(**fields)
    if section.kind == "text":
        yield Text(section.name, heading, section.text.format(**fields).strip())
        return
    data = _only(data, section)
    level = level_of(section, data.kind)
    at = (section.view, level, *section.stats)
    if at not in made:
        made[at] = VIEWS[section.view].rows(data, level)
    rows = made[at]
    if not rows:
        yield Text(section.name, heading, section.empty.format(**fields) or NO_ROWS)
        return
    if section.sort:
        rows = _sorted(rows, section.sort)
    notes = [note.format(**fields) for note in section.notes]
    if section.kind == "chart":
        yield chart(section, heading, rows, VIEWS[section.view].columns, notes)
        return
    yield _table(section, heading, data, level, rows, notes)


def _table(
    section: Section,
    heading: str,
    data: ReportData,
    level: str,
    rows: list[Row],
    notes: list[str],
) -> Table:
    if section.top and len(rows) > section.top:
        notes = [*notes, f"共 {len(rows)} 行，列出前 {section.top} 行。"]
        rows = rows[: section.top]
    remarked = dict.fromkeys(str(row[REMARKED].value) for row in rows if REMARKED in row)
    notes = [*notes, *(f"{one}。" for one in remarked if one)]
    columns = _with_mark(_columns(section, data, level), rows, section)
    cells = [[_cell(row, column) for column in columns] for row in rows]
    every = [cell for line in cells for cell in line]
    if any(cell.mark and cell.value is not None for cell in every):
        notes = [*notes, MARKED]
    if any(cell.mark == "NA" and cell.value is None for cell in every):
        notes = [*notes, NOT_VALID]
    return Table(section.name, heading, columns, cells, notes, section.break_before)


def _columns(section: Section, data: ReportData, level: str) -> list[Column]:
    """Those of the template with its labels; one that stands for several as these."""
    view = VIEWS[section.view]
    key, spread = (view.spread[0], view.spread[1](data, level)) if view.spread else ("", [])
    wanted = section.columns or list(view.columns)
    found = []
    for one in wanted:
        spec = ColumnSpec(one) if isinstance(one, str) else one
        column = view.columns[spec.key]
        if spec.key == key:
            found += [_changed(each, spec) for each in spread]
        else:
            found.append(_changed(column, spec))
    return found


def _changed(column: Column, spec: ColumnSpec) -> Column:
    return msgspec.structs.replace(
        column,
        label=spec.label or column.label,
        decimals=column.decimals if spec.decimals is None else spec.decimals,
        fixed=spec.decimals is not None,
        width=spec.width or column.width,
    )


def _with_mark(columns: list[Column], rows: list[Row], section: Section) -> list[Column]:
    """Marks are shown when there are any, whatever the template lists; an empty column is not."""
    known = VIEWS[section.view].columns.get(MARK)
    if known is None:
        return columns
    some = any(row[MARK].value for row in rows if MARK in row)
    listed = any(column.key == MARK for column in columns)
    if some and not listed:
        return [*columns, known]
    return columns if some else [column for column in columns if column.key != MARK]


def _cell(row: Row, column: Column) -> Cell:
    """The cell, its number rounded once to what is shown."""
    cell = row.get(column.key, Cell())
    if not isinstance(cell.value, float):
        return cell
    own = cell.decimals if cell.decimals is not None and not column.fixed else column.decimals
    return cell._replace(value=rounded(cell.value, own), decimals=own)


def _sorted(rows: list[Row], by: str) -> list[Row]:
    """By a column; rows without a value last."""
    key = by.lstrip("-")
    valued = [row for row in rows if row[key].value is not None]
    valued.sort(key=lambda row: _comparable(row[key]), reverse=by.startswith("-"))
    return valued + [row for row in rows if row[key].value is None]


def _comparable(cell: Cell) -> Any:
    return cell.value


def _only(data: ReportData, section: Section) -> ReportData:
    """Means of those statistics that the section names."""
    if not section.stats:
        return data
    wanted = pa.array(section.stats)
    tables = {
        at: table.filter(pc.is_in(table["stat"], wanted)) if at[0] == "means" else table
        for at, table in data.tables.items()
    }
    return msgspec.structs.replace(data, tables=tables)


def _column(data: ReportData, name: str) -> list[Any]:
    """Values of a column over all tables that have it."""
    return [
        one
        for table in data.tables.values()
        if name in table.schema.names
        for one in pc.unique(table[name]).to_pylist()
    ]


def _what(data: ReportData) -> str:
    """Stations, regions or both."""
    regions = sum(place.code.startswith("region:") for place in data.places)
    return "点位" if not regions else "区域" if regions == len(data.places) else "点位和区域"


def _count(cell: Cell) -> int:
    return cell.value if isinstance(cell.value, int) else 0


def _moment(moment: datetime) -> str:
    return f"{beijing(moment):%Y-%m-%d %H:%M}"
