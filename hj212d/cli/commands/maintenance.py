"""`hj212d maintenance`: windows in which alarms open no incident: add, list, cancel.

Tests: tests/cli/test_maintenance_command.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from hj212d.cli.alert_options import KINDS, as_json_lines, as_json_object, limited
from hj212d.cli.here import Here, located
from hj212d.cli.times import time_option

_COLUMNS = ("id", "now", "from", "to", "every", "about", "reason", "who")


@click.group("maintenance")
def command() -> None:
    """Maintenance windows: alarms of some stations open no incident, once or again and again."""


@command.command("add")
@located
@click.option("--mn", "mns", multiple=True, help="Of this station.")
@click.option("--region", "regions", multiple=True, help="Of this region and all below it.")
@click.option("--kind", "kinds", multiple=True, type=KINDS, help="Of this kind.  [all]")
@click.option("--factor", "factors", multiple=True, help="Of this factor.  [all]")
@click.option("--from", "start", type=time_option, help="Its beginning.  [default: now]")
@click.option("--to", "end", type=time_option, help="Its end.")
@click.option("--for", "span", metavar="SPAN", help="Or how long: 30m, 2h, 7d.")
@click.option("--every", type=click.Choice(["day", "week", "month"]), help="Again and again.")
@click.option("--reason", default="", help="Why.")
@as_json_object
def add(
    here: Here,
    start: datetime | None,
    end: datetime | None,
    span: str | None,
    as_json: bool,
    **said: Any,
) -> None:
    """Add a window. At least one station, region or kind is said."""
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.decision_text import print_json
    from hj212d.cli.refusal import WRONG_USE, Refusal
    from hj212d.cli.times import show_iso
    from hj212d.hub.alert_desk.maintenance_deeds import MaintenanceAdd

    if (end is None) == (span is None):
        raise Refusal("say when a window ends, --to, or how long it is, --for", WRONG_USE)
    fields = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in said.items()
        if value not in (None, ())
    }
    if start is not None:
        fields["start"] = start.isoformat()
    fields |= {"end": end.isoformat()} if end is not None else {"span": span}
    kept = ask(here, MaintenanceAdd, fields=fields)["maintenance"]
    if as_json:
        print_json([kept])
        return
    times = f"{show_iso(kept['start'])} to {show_iso(kept['end'])}"
    click.echo(f"maintenance {kept['id']}: {times}{_every(kept)}")


@command.command("list")
@located
@click.option("--all", "everything", is_flag=True, help="Also those that are over or cancelled.")
@limited
@as_json_lines
def list_(here: Here, everything: bool, limit: int, as_json: bool) -> None:
    """Windows that are or will be, newest first."""
    from hj212d.cli.alert_asking import ask, show_list
    from hj212d.hub.alert_desk.maintenance_deeds import MaintenanceList

    state = "all" if everything else "standing"
    answer = ask(here, MaintenanceList, state=state, limit=limit)
    show_list(answer["maintenance"], _COLUMNS, _cells, as_json, right=("id",))


@command.command("cancel")
@located
@click.argument("number", type=int)
def cancel(here: Here, number: int) -> None:
    """End a window before its time, or let it not begin."""
    from hj212d.cli.alert_asking import ask
    from hj212d.hub.alert_desk.maintenance_deeds import MaintenanceCancel

    click.echo(
        f"maintenance {ask(here, MaintenanceCancel, id=number)['maintenance']['id']} cancelled"
    )


def _every(window: dict[str, Any]) -> str:
    return f", every {window['every']}" if window["every"] else ""


def _cells(window: dict[str, Any]) -> list[object]:
    from hj212d.cli.times import show_iso

    parts = (window["mns"], window["regions"], window["factors"], window["kinds"])
    cancelled = f"cancelled by {window['cancelled_by']}" if window["cancelled_by"] else ""
    return [
        window["id"],
        cancelled or ("yes" if window["active"] else "no"),
        show_iso(window["start"]),
        show_iso(window["end"]),
        window["every"],
        "; ".join(", ".join(part) for part in parts if part),
        window["reason"],
        window["who"],
    ]
