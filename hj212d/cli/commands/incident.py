"""`hj212d incident`: what alerts came to: list, show, ack, silence, unsilence, close, note.

Tests: tests/cli/test_incident_command.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from hj212d.cli.alert_options import (
    KINDS,
    SEVERITIES,
    as_json_lines,
    as_json_object,
    paged,
)
from hj212d.cli.here import Here, located
from hj212d.cli.times import time_option

_COLUMNS = ("no", "state", "severity", "kind", "place", "factor", "began", "count", "case", "id")
_STATES = click.Choice(["open", "acknowledged", "silenced", "recovered", "closed"])
_note = click.option("--note", "text", default="", help="A line for its log.")


@click.group("incident")
def command() -> None:
    """Incidents: what people are told of and handle, one alarm or all those of an outage."""


@command.command("list")
@located
@click.option("--state", "states", multiple=True, type=_STATES, help="[default: all but closed]")
@click.option("--kind", "kinds", multiple=True, type=KINDS, help="Of this kind.")
@click.option("--rule", "rules", multiple=True, help="Of this rule.")
@click.option("--severity", type=SEVERITIES, help="Of this severity.")
@click.option("--region", default="", help="In this region and all below it.")
@click.option("--mn", help="Of this station, also as a part of an outage.")
@click.option("--from", "start", type=time_option, help="Opened from then on.")
@click.option("--to", "end", type=time_option, help="And before this.")
@paged
@as_json_lines
def list_(
    here: Here,
    states: tuple[str, ...],
    kinds: tuple[str, ...],
    rules: tuple[str, ...],
    start: datetime | None,
    end: datetime | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Incidents, newest first."""
    from hj212d.cli.alert_asking import ask, say_next, show_list
    from hj212d.cli.decision_text import iso
    from hj212d.cli.incident_text import cells
    from hj212d.hub.alert_desk.incident_deeds import Incidents

    several = {"state": states, "kind": kinds, "rule": rules}
    answer = ask(
        here,
        Incidents,
        start=iso(start),
        end=iso(end),
        **{name: list(words) for name, words in several.items() if words},
        **asked,
    )
    show_list(answer["incidents"], _COLUMNS, cells, as_json, right=("count", "id"))
    say_next(answer)


@command.command("show")
@located
@click.argument("no")
@as_json_object
def show(here: Here, no: str, as_json: bool) -> None:
    """One incident with its log, alarms, messages, case, plans and raw frames."""
    from hj212d.cli.alert_asking import ask, show_one
    from hj212d.cli.incident_text import lines
    from hj212d.hub.alert_desk.incident_deeds import IncidentGet

    answer = ask(here, IncidentGet, no=no)
    show_one(answer, lines, as_json)


@command.command("ack")
@located
@click.argument("numbers", nargs=-1, required=True, metavar="NO...")
@_note
def ack(here: Here, numbers: tuple[str, ...], text: str) -> None:
    """Take incidents in hand: nobody else is woken; reminders go on."""
    from hj212d.hub.alert_desk.incident_deeds import IncidentAck

    _each(here, IncidentAck, numbers, text, "acknowledged")


@command.command("silence")
@located
@click.argument("numbers", nargs=-1, required=True, metavar="NO...")
@click.option("--for", "span", default="", metavar="SPAN", help="So long: 30m, 2h, 7d.")
@click.option("--until", type=time_option, help="Until then.")
@_note
def silence(
    here: Here, numbers: tuple[str, ...], span: str, until: datetime | None, text: str
) -> None:
    """Tell nobody of incidents for a time, 31 days at the most."""
    from hj212d.cli.decision_text import iso
    from hj212d.hub.alert_desk.incident_deeds import IncidentSilence

    _each(here, IncidentSilence, numbers, text, "silent until", span=span, until=iso(until) or "")


@command.command("unsilence")
@located
@click.argument("numbers", nargs=-1, required=True, metavar="NO...")
@_note
def unsilence(here: Here, numbers: tuple[str, ...], text: str) -> None:
    """Tell of incidents again before their silence is over."""
    from hj212d.hub.alert_desk.incident_deeds import IncidentUnsilence

    _each(here, IncidentUnsilence, numbers, text, "told of again")


@command.command("close")
@located
@click.argument("numbers", nargs=-1, required=True, metavar="NO...")
@_note
def close(here: Here, numbers: tuple[str, ...], text: str) -> None:
    """Close incidents that are over before the clock does."""
    from hj212d.hub.alert_desk.incident_deeds import IncidentClose

    _each(here, IncidentClose, numbers, text, "closed")


@command.command("note")
@located
@click.argument("no")
@click.argument("text")
def note(here: Here, no: str, text: str) -> None:
    """Write a line in an incident's log."""
    from hj212d.hub.alert_desk.incident_deeds import IncidentNote

    _each(here, IncidentNote, (no,), text, "noted")


def _each(
    here: Here, deed: Any, numbers: tuple[str, ...], text: str, done: str, **said: Any
) -> None:
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.times import show_iso

    for no in numbers:
        incident = ask(here, deed, no=no, text=text, **said)["incident"]
        until = f" {show_iso(incident['silenced_until'])}" if done.endswith("until") else ""
        click.echo(f"{incident['no']} {done}{until}")
