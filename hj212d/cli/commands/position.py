"""`hj212d position`: coordinates that devices report, for approval.

Tests: tests/cli/test_keys_command.py.
"""

from __future__ import annotations

from typing import Any

import click

from hj212d.cli.here import Here, located

_STATES = click.Choice(["waiting", "approved", "rejected", "all"])


@click.group("position")
def command() -> None:
    """Coordinates that devices report."""


@command.command("list")
@located
@click.option("--state", type=_STATES, default="waiting", help="Which.  [default: waiting]")
@click.option("--mn", help="Of this device only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(here: Here, state: str, mn: str | None, as_json: bool) -> None:
    """What was reported, newest first, beside what the device has now."""
    import msgspec

    from hj212d.cli.tables import print_table
    from hj212d.cli.times import show_iso

    found = _call(here, "positions", state="" if state == "all" else state, mn=mn)["positions"]
    if as_json:
        for one in found:
            click.echo(msgspec.json.encode(one))
        return
    columns = ("id", "mn", "longitude", "latitude", "seen", "state", "the device's now", "fields")
    print_table(
        columns,
        (
            (
                one["id"],
                one["mn"],
                f"{one['longitude']:.6f}",
                f"{one['latitude']:.6f}",
                show_iso(one["seen_at"]),
                one["state"],
                _present(one),
                one["source"],
            )
            for one in found
        ),
        right=("id", "longitude", "latitude"),
    )


@command.command("approve")
@located
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def approve(here: Here, number: int, as_json: bool) -> None:
    """Make a reported position the device's, unless that was set by hand."""
    _decide(here, number, "approve", as_json)


@command.command("reject")
@located
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def reject(here: Here, number: int, as_json: bool) -> None:
    """Do not believe a reported position; the same place is not offered again."""
    _decide(here, number, "reject", as_json)


def _decide(here: Here, number: int, do: str, as_json: bool) -> None:
    import msgspec

    answer = _call(here, "position", id=number, do=do)
    if as_json:
        click.echo(msgspec.json.encode(answer))
    elif do == "approve" and not answer["written"]:
        click.echo(f"approved; {answer['mn']} keeps the position that was set by hand")
    else:
        click.echo(f"position {number} of {answer['mn']} is {answer['state']}")


def _present(one: dict[str, Any]) -> str:
    if one["device_longitude"] is None or one["device_latitude"] is None:
        return ""
    place = f"{one['device_longitude']:.6f}, {one['device_latitude']:.6f}"
    return f"{place} ({one['device_source']})"


def _call(here: Here, op: str, **arguments: Any) -> dict[str, Any]:
    from hj212d.cli.answers import Answers, refused

    with refused():
        return Answers(here).client.call(op, **arguments)
