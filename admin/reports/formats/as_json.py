"""JSON: the document as data, numbers as numbers, marks beside them.

Tests: tests/admin/test_report_formats.py.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from admin.reports.document import Cell, Chart, Column, Document, Part, Table, Text
from admin.reports.rendering import Options, Tell


def write(document: Document, path: Path, options: Options, tell: Tell) -> None:  # noqa: ARG001
    """One object; moments are ISO 8601 in Beijing time."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(as_data(document)), indent=1) + b"\n")
    rows = sum(len(table.rows) for table in document.tables)
    tell(rows, rows)


def as_data(document: Document) -> dict[str, Any]:
    """The document in plain dicts and lists."""
    return {
        "template": document.template,
        "title": document.title,
        "facts": dict(document.facts),
        "parts": [_part(part) for part in document.parts],
        "notes": document.notes,
    }


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Text():
            return {"text": part.name, "heading": part.heading, "words": part.text}
        case Chart():
            series = [{"name": one.name, "values": one.values} for one in part.series]
            return {
                "chart": part.name,
                "heading": part.heading,
                "kind": part.kind,
                "labels": part.labels,
                "series": series,
                "notes": part.notes,
            }
    return _table(part)


def _table(table: Table) -> dict[str, Any]:
    """``marks`` of a row: column -> why its value is missing or does not count."""
    rows = []
    for row in table.rows:
        cells = list(zip(row, table.columns, strict=True))
        made: dict[str, Any] = {column.key: _value(cell, column) for cell, column in cells}
        if marks := {column.key: cell.mark for cell, column in cells if cell.mark}:
            made["marks"] = marks
        rows.append(made)
    return {
        "table": table.name,
        "heading": table.heading,
        "columns": [
            {"key": one.key, "label": one.label.replace("\n", " "), "kind": one.kind}
            for one in table.columns
        ],
        "rows": rows,
        "notes": table.notes,
    }


def _value(cell: Cell, column: Column) -> Any:
    match cell.value:
        case datetime():
            return f"{cell.value.isoformat()}+08:00"
        case date():
            return cell.value.isoformat()
        case int() if column.kind == "hour":
            return f"{cell.value:02d}:00"
    return cell.value
