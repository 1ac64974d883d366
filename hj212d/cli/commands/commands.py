"""`hj212d commands`: what was asked of instruments, newest first.

Tests: tests/cli/test_send_command.py.
"""

from __future__ import annotations

import click

from hj212d.cli.here import Here, located

STATES = (
    "queued", "sent", "accepted", "done", "refused", "failed", "timeout", "expired", "cancelled",
)  # fmt: skip


@click.command("commands")
@located
@click.option("--mn", help="Of this MN only.")
@click.option(
    "--state", multiple=True, type=click.Choice(STATES), help="In this state; may be repeated."
)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many."
)
@click.option("--before", type=int, metavar="ID", help="Only those with smaller numbers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(
    here: Here,
    mn: str | None,
    state: tuple[str, ...],
    limit: int,
    before: int | None,
    as_json: bool,
) -> None:
    """Commands to instruments, newest first."""
    from hj212d.cli.answers import Answers, refused
    from hj212d.cli.tables import print_table
    from hj212d.cli.times import show_iso

    with refused():
        found = Answers(here).client.call(
            "commands", mn=mn, state=list(state) or None, limit=limit, before_id=before
        )["commands"]
    if as_json:
        import msgspec

        for one in found:
            click.echo(msgspec.json.encode(one))
        return
    columns = ("id", "mn", "command", "state", "sent", "data", "asked by", "created", "why")
    print_table(
        columns,
        (
            (
                one["id"],
                one["mn"],
                one["name"],
                one["state"],
                one["attempts"],
                one["answers"],
                one["who"] or one["origin"],
                show_iso(one["created_at"]),
                one["why"],
            )
            for one in found
        ),
        right=("id", "sent", "data"),
    )
