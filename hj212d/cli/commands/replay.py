"""`hj212d replay`: records of the journal into the store again.

Tests: tests/cli/test_commands_live.py.
"""

from __future__ import annotations

from datetime import datetime

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import Refusal
from hj212d.cli.times import time_option


@click.command("replay")
@located
@click.option(
    "--from", "start", type=time_option, required=True, metavar="TIME", help="Received from then."
)
@click.option(
    "--to", "end", type=time_option, required=True, metavar="TIME", help="Received before."
)
@click.option("--mn", help="Of this MN only.")
@click.option("--reason", metavar="NAME", help="Only with this verdict in the journal.")
@click.option("--target", metavar="NAME", help="To this target of [[forward]], not to the store.")
def command(
    here: Here,
    start: datetime,
    end: datetime,
    mn: str | None,
    reason: str | None,
    target: str | None,
) -> None:
    """Read the journal into the store again, or send it to a target again.

    With the tolerances, keys and devices of today. For the day when a tolerance was switched
    on, a key arrived or an MN was registered: quarantined frames become readings. Safe to
    repeat. The running daemon does it, or this command itself when none runs. A replay to a
    target goes on in the daemon by itself, restarts included, behind what lives.
    """
    if start >= end:
        raise Refusal("--from must be before --to")
    from hj212d.cli import replaying
    from hj212d.cli.frame_rows import refuse_unknown_reason
    from hj212d.cli.progress import progress_bar
    from hj212d.cli.sizes import show_bytes

    refuse_unknown_reason(reason)
    if target is not None:
        job = replaying.to_target(here, start, end, mn, reason, target)
        click.echo(
            f"replay {job['id']} to {target}: {show_bytes(job['bytes_total'])} of the journal to "
            "look through; hj212d forward ls tells how far it is"
        )
        return
    with progress_bar("replaying") as tell:
        done = replaying.replay(here, start, end, mn, reason, tell)
    errors = f"; our own code failed on {done.errors}" if done.errors else ""
    click.echo(f"{done.read} frames read again, {done.good} of them good{errors}")
