"""`hj212d command`: one command to an instrument, with all that happened to it.

Tests: tests/cli/test_send_command.py.
"""

from __future__ import annotations

import click

from hj212d.cli.here import Here, located


@click.command("command")
@located
@click.argument("number", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def command(here: Here, number: int, as_json: bool) -> None:
    """One command to an instrument: its state, what happened, what came in answer."""
    from hj212d.cli.answers import Answers, refused
    from hj212d.cli.command_text import data_table, facts, headline
    from hj212d.cli.tables import harmless, print_table
    from hj212d.cli.times import show_iso

    with refused():
        answer = Answers(here).client.call("command", id=number)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(answer))
        return
    found = answer["command"]
    click.echo(harmless(headline(found)))
    for name, value in facts(found):
        if value:
            click.echo(f"  {name + ':':<12} {harmless(value)}")
    click.echo()
    print_table(
        ("at", "event", "detail"),
        ((show_iso(one["at"]), one["event"], one["detail"]) for one in answer["events"]),
    )
    if found["data"]:
        click.echo()
        print_table(*data_table(found["data"]))
