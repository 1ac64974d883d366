"""CSV: the tables of a report below each other, each under its heading.

UTF-8, with a byte order mark when asked for: spreadsheets in China take a file without for GBK.
A text that a spreadsheet would take for a formula gets an apostrophe in front.
Tests: tests/admin/test_report_formats.py.
"""

from __future__ import annotations

import csv
from pathlib import Path

from admin.reports.document import Document, Text, shown
from admin.reports.rendering import Options, Tell

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(document: Document, path: Path, options: Options, tell: Tell) -> None:
    """One file; lines that are no rows of a table have one field."""
    total = sum(len(table.rows) for table in document.tables)
    done = 0
    with path.open("w", encoding="utf-8-sig" if options.bom else "utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow([document.title])
        out.writerows([label, harmless(text)] for label, text in document.facts)
        for part in document.parts:
            if isinstance(part, Text):
                out.writerows([[], [part.heading], [harmless(part.text)]])
        for table in document.tables:
            out.writerows([[], [table.heading]])
            out.writerow([column.label.replace("\n", " ") for column in table.columns])
            for row in table.rows:
                cells = zip(row, table.columns, strict=True)
                out.writerow([_field(shown(cell, column), cell.value) for cell, column in cells])
            out.writerows([note] for note in table.notes)
            done += len(table.rows)
            tell(done, total)
        out.writerows([note] for note in document.notes)


def _field(text: str, value: object) -> str:
    return harmless(text) if isinstance(value, str) else text


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
