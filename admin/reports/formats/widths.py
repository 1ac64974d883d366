"""How wide the columns of a table want to be, in half-width characters; a Chinese one takes two.

Tests: tests/admin/test_report_formats.py.
"""

from __future__ import annotations

import unicodedata
from itertools import islice

from admin.reports.document import Table, shown

_LOOKED_AT = 2_000  # rows; further ones are rarely wider
_LEAST = 4


def text_width(text: str) -> int:
    """Of the longest line of a text."""
    return max(
        (
            sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in line)
            for line in text.split("\n")
        ),
        default=0,
    )


def half_widths(table: Table) -> list[int]:
    """Of each column: what the template says, else the widest of label and cells."""
    widths = []
    for number, column in enumerate(table.columns):
        if column.width:
            widths.append(column.width)
            continue
        texts = (shown(row[number], column) for row in islice(table.rows, _LOOKED_AT))
        widest = max((text_width(text) for text in texts), default=0)
        widths.append(max(widest, text_width(column.label), _LEAST))
    return widths
