"""Rows of forecasts and of scores for people and for files.

Tests: tests/cli/test_forecast_command.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
import pyarrow as pa

from hj212d.cli import quality_rows
from hj212d.cli.tables import print_table
from hj212d.cli.times import show_time

_DECIMALS = {"skill": 2, "r": 2, "co": 1, "level_hits": 2, "primary_hits": 2, "range_hits": 2}
_HIDDEN = ("level", "colour", "standard")


def write(table: pa.Table, form: str, output: str | None) -> None:
    """A table on the screen, or CSV, JSON lines, Parquet."""
    if form != "table":
        quality_rows.write(table, form, output)
        return
    if not table.num_rows:
        click.echo("there is none yet; `hj212d forecast make` makes one", err=True)
        return
    names = [
        name
        for name in table.column_names
        if name not in _HIDDEN and table[name].null_count < table.num_rows
    ]
    numbers = [name for name in names if not pa.types.is_string(table.schema.field(name).type)]
    rows = ([_cell(name, row[name]) for name in names] for row in table.to_pylist())
    print_table(names, rows, right=numbers)


def _cell(name: str, value: Any) -> object:
    if isinstance(value, datetime):
        return show_time(value)
    if isinstance(value, float):
        return f"{value:.{_DECIMALS.get(name, 1)}f}"
    return value
