"""From a document to a file of one of the formats.

Libraries of the extra reports are imported by the format that needs them, never by the hub.
Tests: tests/admin/test_report_formats.py.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from admin.fonts import Font
from admin.reports.document import Document

# Format -> module; those that need a font to draw Chinese.
FORMATS = {
    "xlsx": "excel",
    "docx": "word",
    "pdf": "pdf",
    "csv": "text_table",
    "png": "picture",
    "jpg": "picture",
    "json": "as_json",
}
DRAWN = ("docx", "pdf", "png", "jpg")

# What a page or a document can bear, and of a workbook what memory can: 50,000 rows take 0.9 GB.
MOST_ROWS = {"docx": 5_000, "pdf": 20_000, "xlsx": 100_000}

Tell = Callable[[int, int], None]


class CannotRender(Exception):
    """This document cannot become a file of this format; the text is one sentence."""


class Options(NamedTuple):
    """``font``: for the formats in DRAWN; ``bom``: a mark at the start of CSV by which
    spreadsheets know UTF-8; ``frame``: a file of the deployment whose fields are filled."""

    font: Font | None = None
    bom: bool = True
    frame: Path | None = None


def render(document: Document, form: str, path: Path, options: Options, tell: Tell) -> None:
    """Write the file, whole or not at all. ``tell(done, total)`` counts rows and charts."""
    rows = sum(len(table.rows) for table in document.tables)
    most = MOST_ROWS.get(form)
    if most is not None and rows > most:
        raise CannotRender(
            f"{rows} rows are too many for {form} ({most}): ask for fewer places, a shorter "
            "time, or the format csv"
        )
    try:
        module = importlib.import_module(f"admin.reports.formats.{FORMATS[form]}")
        half = path.with_name(f".{path.name}.part")
        try:
            module.write(document, half, options, tell)
            os.replace(half, path)
        finally:
            half.unlink(missing_ok=True)
    except ModuleNotFoundError as missing:
        raise CannotRender(
            f"the format {form} needs {missing.name}: pip install 'hj212d[reports]'"
        ) from missing
