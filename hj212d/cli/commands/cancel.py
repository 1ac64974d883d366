"""`hj212d cancel`: give a command to an instrument up.

Tests: tests/cli/test_send_command.py.
"""

from __future__ import annotations

import click

from hj212d.cli.here import Here, located


@click.command("cancel")
@located
@click.argument("number", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def command(here: Here, number: int, as_json: bool) -> None:
    """Give a command up.

    One that waits is never sent. One that was sent may still be executed: what the instrument
    says later is kept with it.
    """
    from hj212d.cli.answers import Answers, refused
    from hj212d.cli.command_text import headline, step
    from hj212d.cli.tables import harmless

    with refused():
        found = Answers(here).client.call("cancel", id=number)["command"]
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(found))
        return
    click.echo(harmless(headline(found)))
    click.echo(f"  {harmless(step(found))}")
