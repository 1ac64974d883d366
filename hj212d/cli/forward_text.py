"""Targets for people: a row of a table, and a line of the status. Tests:
tests/cli/test_forward_text.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hj212d.cli.sizes import show_bytes, show_count

_FEW_S = 120


def target_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Cells of one target."""
    lag = row["lag_bytes"]
    return (
        row["name"],
        row["target"],
        row["state"],
        show_count(row["acknowledged"]),
        show_count(row["unacknowledged"]),
        show_count(row["resent"]),
        show_count(row["dead"]),
        "" if lag is None else show_bytes(lag),
        _age(row["lag_seconds"]),
        row["error"],
    )


def targets_line(rows: Sequence[Mapping[str, Any]]) -> str:
    """``province up, city down (connection refused)``; "" without targets."""
    if not rows:
        return ""
    texts = []
    for row in rows:
        why = f" ({row['error']})" if row["error"] else ""
        texts.append(f"{row['name']} {row['state']}{why}")
    return ", ".join(texts)


def _age(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < _FEW_S:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < _FEW_S else f"{minutes // 60} h {minutes % 60} min"
