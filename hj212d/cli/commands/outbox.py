"""`hj212d outbox`: messages to people: list, show, again, drop.

Tests: tests/cli/test_outbox_command.py.
"""

from __future__ import annotations

from typing import Any

import click

from hj212d.cli.alert_options import (
    CHANNELS,
    as_json_lines,
    as_json_object,
    number_or_name,
    paged,
)
from hj212d.cli.here import Here, located

_COLUMNS = ("id", "about", "step", "contact", "channel", "state", "at", "tries", "what became")
_STATES = click.Choice(["waiting", "sending", "handed", "failed", "withheld", "merged"])


@click.group("outbox")
def command() -> None:
    """Messages to people: what waits, what was handed over, what failed and why.

    "handed" means that the channel took it (an SMS gateway, a mail server), not that somebody
    read it.
    """


@command.command("list")
@located
@click.option("--about", help="About this: incident:12, test:...")
@click.option("--contact", type=number_or_name, help="To this contact.")
@click.option("--channel", type=CHANNELS, help="By this channel.")
@click.option("--state", "states", multiple=True, type=_STATES, help="In this state.  [all]")
@paged
@as_json_lines
def list_(here: Here, states: tuple[str, ...], as_json: bool, **asked: Any) -> None:
    """Messages, newest first."""
    from hj212d.cli.alert_asking import ask, say_next, show_list
    from hj212d.hub.alert_desk.outbox_deeds import Outbox

    answer = ask(here, Outbox, **({"state": list(states)} if states else {}), **asked)
    show_list(answer["messages"], _COLUMNS, _cells, as_json, right=("id", "tries"))
    if not as_json:
        counts = answer["counts"]
        click.echo(", ".join(f"{counts[state]} {state}" for state in counts) or "no message")
    say_next(answer)


@command.command("show")
@located
@click.argument("number", type=int)
@as_json_object
def show(here: Here, number: int, as_json: bool) -> None:
    """One message with its text and what became of it."""
    from hj212d.cli.alert_asking import ask, show_one
    from hj212d.cli.message_text import lines
    from hj212d.hub.alert_desk.outbox_deeds import OutboxGet

    message = ask(here, OutboxGet, id=number)["message"]
    show_one(message, lines, as_json)


@command.command("again")
@located
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER...")
def again(here: Here, numbers: tuple[int, ...]) -> None:
    """Try messages again that failed or were withheld, all or none."""
    from hj212d.cli.alert_asking import ask
    from hj212d.hub.alert_desk.outbox_deeds import OutboxAgain

    click.echo(f"{len(ask(here, OutboxAgain, ids=list(numbers))['messages'])} wait again")


@command.command("drop")
@located
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER...")
def drop(here: Here, numbers: tuple[int, ...]) -> None:
    """Do not send messages that wait, all or none. They stay to be seen."""
    from hj212d.cli.alert_asking import ask
    from hj212d.hub.alert_desk.outbox_deeds import OutboxDrop

    click.echo(f"{len(ask(here, OutboxDrop, ids=list(numbers))['messages'])} withheld")


def _cells(message: dict[str, Any]) -> list[object]:
    from hj212d.cli.message_text import when

    return [
        message["id"],
        message["about"],
        message["step"],
        message["contact"],
        message["channel"],
        message["state"],
        when(message),
        message["attempts"],
        message["error"] or message["receipt"],
    ]
