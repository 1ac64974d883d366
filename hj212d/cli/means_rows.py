"""Means for people and for files. Tests: tests/cli/test_means_command.py."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from aqi.means.calendar import Level, label
from aqi.means.compare import compared
from hj212d.cli import sample_rows
from hj212d.cli.tables import print_table
from hj212d.hub.times import microseconds

_COLUMNS = (
    *("period", "mn", "factor", "stat", "value", "mark", "n", "need"),
    *("min", "max", "source", "reported", "computed", "rev"),
)
_COMPARED = ("difference", "relative", "within")
_WORDS: dict[bool | None, str] = {True: "yes", False: "no"}
_TEXTS = ("period", "mn", "factor", "stat", "mark", "source", "within")


def compared_rows(table: pa.Table) -> pa.Table:
    """Rows with two sides, and how far they are apart."""
    return compared(table)


def write_means(table: pa.Table, level: Level, form: str, output: str | None) -> None:
    """Rows of MEANS; a table goes to the screen only."""
    if form != "table":
        sample_rows.write(table, form, output)
        return
    columns = list(_COLUMNS)
    if "difference" in table.column_names:
        columns += _COMPARED
    rows = [_cells(row, level, columns) for row in table.to_pylist()]
    print_table(columns, rows, right=[name for name in columns if name not in _TEXTS])
    if "within" in table.column_names and table.num_rows:
        print()
        within = sum(table["within"].to_pylist())
        print(f"{within} of {table.num_rows} within the tolerance")


def _cells(row: dict[str, Any], level: Level, columns: list[str]) -> list[object]:
    start, end = microseconds(row["start"]), microseconds(row["end"])
    shown = {
        **row,
        "period": label(level, start, end),
        "rev": row["revision"],
        "within": _WORDS.get(row.get("within"), ""),
    }
    return [_cell(shown[name]) for name in columns]


def _cell(value: object) -> object:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else value
