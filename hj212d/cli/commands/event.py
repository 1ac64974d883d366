"""`hj212d event`: exceptional events: add, approve, reject, list.

Tests: tests/cli/test_event_command.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.times import time_option

_COLUMNS = ("id", "kind", "from", "to", "area", "pollutants", "state", "who", "decided by")


@click.group("event")
def command() -> None:
    """Dust and other exceptional events, for statistics with and without them.

    A proposal counts for nothing until somebody approves it. No reading is changed.
    """


@command.command("add")
@located
@click.option("--kind", type=click.Choice(["dust", "exceptional"]), required=True, help="Of what.")
@click.option("--from", "start", type=time_option, required=True, help="Its beginning.")
@click.option("--to", "end", type=time_option, required=True, help="Its end, not included.")
@click.option("--area", multiple=True, required=True, help="Code of a region, or an MN.")
@click.option("--pollutant", "pollutants", multiple=True, help="Of this one.  [default: all]")
@click.option("--evidence", default="", help="What it rests on, free text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def add(here: Here, start: datetime, end: datetime, as_json: bool, **said: Any) -> None:
    """Propose an event."""
    from hj212d.cli.deciding import decide
    from hj212d.cli.decision_text import print_json
    from hj212d.hub.decisions.event_deeds import EventAdd

    lists = {name: list(said.pop(name)) for name in ("area", "pollutants")}
    event = {**said, **lists, "start": start.isoformat(), "end": end.isoformat()}
    kept = decide(here, EventAdd, event=event)["event"]
    if as_json:
        print_json([kept])
        return
    click.echo(f"event {kept['id']} is proposed")


@command.command("approve")
@located
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def approve(here: Here, number: int, as_json: bool) -> None:
    """Let an event count."""
    _decide(here, number, "approved", as_json)


@command.command("reject")
@located
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def reject(here: Here, number: int, as_json: bool) -> None:
    """Let an event not count, or no more."""
    _decide(here, number, "rejected", as_json)


@command.command("propose")
@located
@click.argument("places", nargs=-1, metavar="[PLACE]...")
@click.option("--from", "start", type=time_option, default="-2d", help="Hours from here on.")
@click.option("--to", "end", type=time_option, default="now", help="And before this.")
@click.option("--add", "is_added", is_flag=True, help="Add them as proposals.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def propose(
    here: Here,
    places: tuple[str, ...],
    start: datetime,
    end: datetime,
    is_added: bool,
    as_json: bool,
) -> None:
    """List hours that look like dust: PM10 twice the mean of the six hours before and above
    150 ug/m3, until it is back within 10 % of that mean.

    PLACE as in `hj212d airquality`; without one region:*. What is added waits for a person.
    """
    from hj212d.cli.deciding import decide
    from hj212d.cli.decision_text import print_json
    from hj212d.cli.dust_proposals import proposed
    from hj212d.cli.tables import print_table
    from hj212d.cli.times import show_iso
    from hj212d.hub.decisions.event_deeds import EventAdd

    found = proposed(here, places or ("region:*",), start, end)
    if is_added:
        found = [decide(here, EventAdd, event=event)["event"] for event in found]
    if as_json:
        print_json(found)
        return
    print_table(
        ("area", "from", "to", "evidence"),
        [
            (*event["area"], show_iso(event["start"]), show_iso(event["end"]), event["evidence"])
            for event in found
        ],
        short="evidence",
    )


@command.command("list")
@located
@click.option(
    "--state", type=click.Choice(["proposed", "approved", "rejected"]), help="In this state only."
)
@click.option("--from", "start", type=time_option, help="That touch the time from here on.")
@click.option("--to", "end", type=time_option, help="And before this.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(
    here: Here,
    state: str | None,
    start: datetime | None,
    end: datetime | None,
    as_json: bool,
) -> None:
    """Events in the order of their beginning."""
    from hj212d.cli.deciding import decide
    from hj212d.cli.decision_text import iso, print_json
    from hj212d.cli.tables import print_table
    from hj212d.hub.decisions.event_deeds import Events

    found = decide(here, Events, state=state, start=iso(start), end=iso(end))["events"]
    if as_json:
        print_json(found)
        return
    print_table(_COLUMNS, (_cells(event) for event in found), right=("id",))


def _decide(here: Here, number: int, state: str, as_json: bool) -> None:
    from hj212d.cli.deciding import decide
    from hj212d.cli.decision_text import print_json
    from hj212d.hub.decisions.event_deeds import EventDecide

    event = decide(here, EventDecide, id=number, state=state)["event"]
    if as_json:
        print_json([event])
        return
    click.echo(f"event {number} is {event['state']}")


def _cells(event: dict[str, Any]) -> tuple[object, ...]:
    from hj212d.cli.times import show_iso

    return (
        event["id"],
        event["kind"],
        show_iso(event["start"]),
        show_iso(event["end"]),
        ", ".join(event["area"]),
        ", ".join(event["pollutants"]) or "all",
        event["state"],
        event["who"],
        event["decided_by"],
    )
