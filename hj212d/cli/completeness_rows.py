"""Rates and gaps for people and for files.

Tests: tests/cli/test_completeness_command.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pyarrow as pa

from hj212d.cli import sample_rows
from hj212d.cli.tables import print_table
from hj212d.cli.times import show_iso, show_time

_BEIJING = timedelta(hours=8)
_RATES = ("transfer_rate", "validity_rate", "effective_rate")
_COLUMNS = (
    *("day", "mn", "name", "factor", "expected", "received", "valid", "late", "resent"),
    *("transfer", "validity", "effective", "interval", "last"),
)
_NUMBERS = (
    *("expected", "received", "valid", "late", "resent"),
    *("transfer", "validity", "effective"),
)
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))


def write_rates(table: pa.Table, form: str, output: str | None, by: str) -> None:
    """Rows of RATES; a table goes to the screen only."""
    if form == "table":
        print_rates(table, by)
    else:
        sample_rows.write(table, form, output)


def print_rates(table: pa.Table, by: str) -> None:
    """One line a row, rates in percent; below it what they mean, and all rows together."""
    rows = table.to_pylist()
    columns = [by if name == "day" else name for name in _COLUMNS]
    print_table(columns, [_cells(row, by) for row in rows], right=_NUMBERS)
    if rows:
        print()
        print(_together(rows))


def print_gaps(rows: Sequence[dict[str, Any]]) -> None:
    """One line a gap."""
    columns = ("mn", "period", "from", "to", "missing", "state", "asked", "why")
    print_table(
        columns,
        [
            (
                row["mn"],
                row["period"],
                show_iso(row["start"]),
                show_iso(row["end"]),
                row["missing"],
                row["state"],
                row["attempts"],
                row["why"],
            )
            for row in rows
        ],
        right=("missing", "asked"),
    )


def _cells(row: dict[str, Any], by: str) -> list[object]:
    start = (row["start"] + _BEIJING).strftime("%Y-%m" if by == "month" else "%Y-%m-%d")
    return [
        start,
        row["mn"],
        row["name"],
        row["factor"],
        *(row[name] for name in ("expected", "received", "valid", "late", "resent")),
        *(_percent(row[name]) for name in _RATES),
        _interval(row),
        show_time(row["last"]),
    ]


def _together(rows: list[dict[str, Any]]) -> str:
    """All rows as one, and the definition that they go by."""
    expected, received, valid = (
        sum(row[name] for row in rows) for name in ("expected", "received", "valid")
    )
    counted = sum(min(row["received"], row["expected"]) for row in rows)
    of = rows[0]["validity_of"]
    whole = received if of == "received" else expected
    transfer = counted / expected if expected else None
    validity = min(1.0, valid / whole) if whole else None
    effective = None if transfer is None else transfer * (validity or 0.0)
    return (
        f"together {received} of {expected}: transfer {_percent(transfer)}, "
        f"validity {_percent(validity)} (valid of {of}), effective {_percent(effective)}"
    )


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.2f} %"


def _interval(row: dict[str, Any]) -> str:
    seconds = row["interval_s"]
    if not seconds:
        return "none"
    for length, unit in _UNITS:
        if seconds % length == 0:
            return f"{seconds // length} {unit} ({row['interval_from']})"
    return f"{seconds} s ({row['interval_from']})"
