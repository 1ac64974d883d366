"""`hj212d frames`: the raw view of what came, good and bad.

Tests: tests/cli/test_commands_live.py.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from hj212d.cli.here import Here, located
from hj212d.cli.times import naive_utc, time_option

if TYPE_CHECKING:
    import pyarrow as pa


@click.command("frames")
@located
@click.option("--mn", help="Of this MN only.")
@click.option("--from", "start", type=time_option, metavar="TIME", help="Received at or after.")
@click.option("--to", "end", type=time_option, metavar="TIME", help="Received before.")
@click.option("--reason", metavar="NAME", help="With this verdict only: crc_wrong, ok, ...")
@click.option("--errors", is_flag=True, help="Only those in quarantine.")
@click.option("--cn", help="With this CN only.")
@click.option("--limit", type=click.IntRange(1, 5_000_000), default=10_000, show_default=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "raw", "hex"]),
    default="table",
    show_default=True,
    help="raw: the bytes as they came, CR LF after each; hex: lines for decode.",
)
def command(
    here: Here,
    mn: str | None,
    start: datetime | None,
    end: datetime | None,
    reason: str | None,
    errors: bool,
    cn: str | None,
    limit: int,
    form: str,
) -> None:
    """What came, good and bad: the raw view.

    In order of receipt, the newest where there are too many; the end is not included. Without
    a daemon the store is asked.
    """
    from hj212d.cli import frame_rows
    from hj212d.cli.answers import Answers
    from store.timeseries import FrameQuery

    frame_rows.refuse_unknown_reason(reason)
    query = FrameQuery(mn, naive_utc(start), naive_utc(end), reason, errors, cn, limit)
    table = Answers(here).frames(query)
    _WRITERS[form](table)
    frame_rows.say_if_cut(table, limit)


def _table(table: pa.Table) -> None:
    from hj212d.cli.frame_rows import print_frames

    print_frames(table)


def _json(table: pa.Table) -> None:
    from hj212d.cli.frame_rows import json_lines

    for line in json_lines(table):
        click.echo(line)


def _raw(table: pa.Table) -> None:
    for raw in table["raw"].to_pylist():
        sys.stdout.buffer.write(raw + b"\r\n")


def _hex(table: pa.Table) -> None:
    for raw in table["raw"].to_pylist():
        click.echo(f"HEX:{raw.hex()}")


_WRITERS = {"table": _table, "json": _json, "raw": _raw, "hex": _hex}
