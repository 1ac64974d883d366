"""`hj212d gaps`: what is missing, what was asked for, what came of it.

Tests: tests/cli/test_completeness_command.py.
"""

from __future__ import annotations

from typing import Any

import click

from hj212d.cli.here import Here, located

STATES = ("open", "asked", "filled", "unavailable", "given_up", "all")


@click.command("gaps")
@located
@click.option("--mn", help="Of this station only.")
@click.option(
    "--state",
    type=click.Choice(STATES),
    help="In this state.  [default: open or asked]",
)
@click.option("--period", type=click.Choice(["minute", "hour", "day"]), help="Of these data only.")
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=1000,
    show_default=True,
    help="At most so many.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(here: Here, state: str | None, as_json: bool, **asked: Any) -> None:
    """Gaps in the data of instruments, newest first.

    Each with how many values are missing, how often the instrument was asked, and why a gap was
    closed without them. Without a daemon the registry is asked.
    """
    from hj212d.cli.completeness_rows import print_gaps
    from hj212d.cli.completing import gaps

    rows = gaps(here, state=state or "", **asked)
    if as_json:
        import msgspec

        for row in rows:
            click.echo(msgspec.json.encode(row))
        return
    print_gaps(rows)
