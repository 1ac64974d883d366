"""Assessments and emissions for people. Tests: tests/cli/test_assess_command.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from hj212d.cli.quality_rows import write
from hj212d.cli.tables import print_table

_BEIJING = timedelta(hours=8)
_ASSESSED = (
    *("time", "mn", "name", "item", "stat", "value", "unit", "limit", "verdict"),
    *("mark", "source", "words"),
)
_EMITTED = (
    *("time", "mn", "name", "item", "kg", "made up", "total kg", "reported", "hours"),
    *("missing", "stopped", "capture", "mark", "rule"),
)
_CLASSES = ("I %", "II %", "III %", "IV %", "V %", "worse %")
_SHARES = ("share_1", "share_2", "share_3", "share_4", "share_5", "share_worse")
_RIVERS = ("time", "river", "sections", "without", *_CLASSES, "method", "words", "main", "mark")
_FORMS = {"month": "%Y-%m", "year": "%Y"}


def print_assessed(table: pa.Table, level: str, *, everything: bool) -> None:
    """One line a judged value, or every line; below it how many were exceeded."""
    rows = table.to_pylist()
    shown = [row for row in rows if everything or row["limit"] or row["exceeded"] is not None]
    print_table(
        _ASSESSED, [_assessed(row, level) for row in shown], right=("value",), short="words"
    )
    judged = [row for row in rows if row["exceeded"] is not None]
    exceeded = sum(row["exceeded"] for row in judged)
    undecided = sum(row["exceeded"] is None and bool(row["limit"]) for row in rows)
    print(f"\n{exceeded} of {len(judged)} exceeded; {undecided} without a verdict, see mark")


def print_emitted(table: pa.Table, by: str) -> None:
    """One line a period and pollutant."""
    print_table(
        _EMITTED,
        [_emitted(row, by) for row in table.to_pylist()],
        right=("kg", "made up", "total kg", "reported", "hours", "missing", "stopped", "capture"),
    )


def print_rivers(table: pa.Table, level: str) -> None:
    """One line a period and river."""
    print_table(
        _RIVERS,
        [
            (
                _time(row, level),
                row["river"],
                row["sections"],
                row["without"],
                *(_number(share) for share in row["shares"]),
                row["method"],
                row["words"],
                row["main"],
                row["mark"],
            )
            for row in table.to_pylist()
        ],
        right=("sections", "without", *_CLASSES),
    )


def write_rivers(table: pa.Table, form: str, output: str | None) -> None:
    """A column for the share of each class."""
    shares = table["shares"].to_pylist()
    for number, name in enumerate(_SHARES):
        column = pa.array([one[number] for one in shares], pa.float64())
        table = table.append_column(name, column)
    write(table.drop_columns(["shares"]), form, output)


def _assessed(row: dict[str, Any], level: str) -> tuple[object, ...]:
    value = row["judged"] if row["judged"] is not None else row["value"]
    unit = row["limit_unit"] if row["judged"] is not None else row["unit"]
    verdict = {None: "", True: "exceeded", False: "ok"}[row["exceeded"]]
    if row["multiple"] is not None:
        verdict += f" by {row['multiple']:.2f}"
    own = " (own)" if row["limit_own"] else ""
    return (
        _time(row, level),
        row["mn"],
        row["name"],
        row["item"],
        row["stat"],
        _number(value),
        unit,
        row["limit"],
        verdict,
        row["mark"],
        f"{row['limit_source']}{own}" if row["limit"] else "",
        row["words"],
    )


def _emitted(row: dict[str, Any], by: str) -> tuple[object, ...]:
    capture = row["capture"]
    return (
        _time(row, by),
        row["mn"],
        row["name"],
        row["item"],
        *(_number(row[name]) for name in ("kg", "made_up_kg", "total_kg", "reported_kg")),
        *(row[name] for name in ("hours", "missing", "stopped")),
        "" if capture is None else f"{capture:.1f} %",
        row["mark"],
        row["rule"],
    )


def _time(row: dict[str, Any], level: str) -> str:
    """An hour by its end, as people call it; others by their first day."""
    start: datetime = row["start"] + _BEIJING
    if level == "hour":
        return f"{start:%Y-%m-%d} {start.hour + 1:02d}:00"
    if level == "quarter":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    return start.strftime(_FORMS.get(level, "%Y-%m-%d"))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}" if abs(value) < 1e5 else f"{value:.0f}"
