"""How the commands show what people decided: cells, changes, JSON.

Tests: tests/cli/test_site_command.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import click

from hj212d.cli.tables import harmless
from hj212d.cli.times import show_iso


def cell(value: object) -> str:
    """A value in a cell of a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    return packed(value)


def packed(value: object) -> str:
    """A value as the same text that a person would write for it."""
    if isinstance(value, dict):
        return ";".join(f"{name}={one}" for name, one in value.items())
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)


def change_lines(changes: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Who changed what, a line each."""
    for change in changes:
        said = ", ".join(
            f"{name} {cell(value)}"
            for name, value in change["after"].items()
            if change["before"] or value not in ("", None, [], {})
        )
        line = f"{show_iso(change['at'])}  {change['who']}  {change['what']}  {said}"
        yield harmless(line.rstrip())


def iso(moment: datetime | None) -> str | None:
    """A moment of an option, as requests have it."""
    return None if moment is None else moment.isoformat()


def print_json(rows: Iterable[object]) -> None:
    """One JSON object a line."""
    import msgspec

    for row in rows:
        click.echo(msgspec.json.encode(row))
