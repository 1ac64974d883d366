"""Rows of the store's frames, for people and for programs.

Tests: tests/cli/test_commands_live.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
import msgspec
import pyarrow as pa

from hj212d.cli.refusal import Refusal
from hj212d.cli.tables import print_table, raw_text
from hj212d.cli.times import BEIJING, show_time
from hj212d.config.nearest import did_you_mean
from hj212d.wire.reasons import Reason

_COLUMNS = (
    *("received", "mn", "st", "cn", "data time", "version", "reason", "repairs", "notes"),
    "raw",
)
_RAW_CHARACTERS = 60


def refuse_unknown_reason(label: str | None) -> None:
    """Refusal with the nearest name when no reason has this label."""
    labels = [reason.label for reason in Reason]
    if label is not None and label not in labels:
        raise Refusal(f"there is no reason {label}{did_you_mean(label, labels)}")


def say_if_cut(table: pa.Table, limit: int) -> None:
    """Tell on standard error that there may be older rows."""
    if table.num_rows >= limit:
        click.echo(f"the newest {limit} rows; more with --limit or a shorter time", err=True)


def print_frames(table: pa.Table) -> None:
    """One line a frame, its bytes cut short."""
    print_table(_COLUMNS, (_cells(row) for row in table.to_pylist()), short="raw")


def json_lines(table: pa.Table) -> Iterator[bytes]:
    """One object a row, all columns but those for finding duplicates; times in ISO 8601, Beijing;
    ``raw`` as text, bytes that are no UTF-8 as ``\\xNN``."""
    for batch in table.drop_columns(["key_time", "digest"]).to_batches(1000):
        for row in batch.to_pylist():
            row["raw"] = row["raw"].decode("utf-8", "backslashreplace")
            yield msgspec.json.encode({name: _value(value) for name, value in row.items()})


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    raw = raw_text(row["raw"])
    return (
        show_time(row["received_at"]),
        row["mn"],
        row["st"],
        row["cn"],
        show_time(row["data_time"]),
        row["version"],
        row["reason"],
        row["repairs"],
        _notes(row),
        raw if len(raw) <= _RAW_CHARACTERS else raw[: _RAW_CHARACTERS - 1] + "…",
    )


def _notes(row: dict[str, Any]) -> str:
    """Resent (RF=1), and the warnings: late, a wrong clock."""
    return " ".join(filter(None, ("rf" if row["rf"] else "", row["warnings"])))


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).astimezone(BEIJING)
    return value
