"""The report on keys as people read it. Tests: tests/cli/test_keys_command.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from hj212d.cli.tables import print_table
from hj212d.cli.times import show_iso

Row = dict[str, Any]

_COLUMNS = ("mn", "name", "version", "encrypted", "state", "age", "due", "unreadable", "note")


def print_report(rows: Iterable[Row], summary: Row | None, since: str | None) -> None:
    """A row a device, and what they come to."""
    print_table(_COLUMNS, (_cells(row) for row in rows), right=("encrypted", "age", "unreadable"))
    if summary is None:
        return
    click.echo()
    click.echo(f"{summary['devices']} devices; today's frames are counted since {show_iso(since)}")
    for name in ("version", "encryption", "age", "state"):
        counts = summary[f"by_{name}"]
        if counts:
            click.echo(f"{name}: " + ", ".join(f"{word} {n}" for word, n in _ordered(counts)))


def print_history(mn: str, keys: Iterable[Row]) -> None:
    """The keys of a device, newest first."""
    rows = [
        (
            show_iso(one["created_at"]),
            one["state"],
            show_iso(one["proven_at"]),
            one.get("key", ""),
            one["why"],
        )
        for one in keys
    ]
    if not rows:
        click.echo(f"{mn} has no key")
        return
    shown = any(row[3] for row in rows)
    columns = ("created", "state", "proven", "key", "why")
    kept = [n for n, column in enumerate(columns) if shown or column != "key"]
    print_table([columns[n] for n in kept], ([row[n] for n in kept] for row in rows))


def _cells(row: Row) -> tuple[object, ...]:
    declared, seen = row["version_declared"], row["version_seen"]
    version = (
        seen if not declared or declared == seen else f"{declared}, sends {seen or 'nothing'}"
    )
    share = row["encrypted_share"]
    age = row["key_age_days"]
    return (
        row["mn"],
        row["name"],
        version,
        "" if share is None else f"{share:.0%} of {row['frames_today']}",
        row["state"],
        "" if age is None else f"{age:.1f} d",
        show_iso(row["due_at"])[:10],
        row["undecryptable_today"] or "",
        row["note"],
    )


def _ordered(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: -one[1])
