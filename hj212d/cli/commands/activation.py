"""`hj212d activation`: devices that ask for their MN (HJ 212-2025, CN 1001), and giving it.

Tests: tests/cli/test_keys_command.py.
"""

from __future__ import annotations

from typing import Any

import click

from hj212d.cli.here import Here, located

_STATES = click.Choice(["waiting", "activated", "dismissed", "all"])


@click.group("activation")
def command() -> None:
    """Devices that ask for their MN, and giving it."""


@command.command("list")
@located
@click.option("--state", type=_STATES, default="waiting", help="Which.  [default: waiting]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(here: Here, state: str, as_json: bool) -> None:
    """Who asked, the latest heard first."""
    import msgspec

    from hj212d.cli.tables import print_table
    from hj212d.cli.times import show_iso

    found = _call(here, "activations", state="" if state == "all" else state)["activations"]
    if as_json:
        for one in found:
            click.echo(msgspec.json.encode(one))
        return
    columns = ("id", "state", "new mn", "mn", "peer", "last seen", "first seen", "serials")
    print_table(
        columns,
        (
            (
                one["id"],
                one["state"],
                one["new_mn"],
                one["mn"],
                one["peer"],
                show_iso(one["last_seen"]),
                show_iso(one["first_seen"]),
                ", ".join(f"{code} {text}" for code, text in sorted(one["serials"].items())),
            )
            for one in found
        ),
        right=("id",),
    )


@command.command("accept")
@located
@click.argument("number", type=int)
@click.option("--mn", required=True, help="The MN that it gets.")
@click.option("--name", default="", help="Name of the station.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def accept(here: Here, number: int, mn: str, name: str, as_json: bool) -> None:
    """Give a device its MN (CN 1002) and register it.

    A device that is gone meanwhile gets it when it asks again.
    """
    answer = _call(here, "activate", id=number, mn=mn, name=name)
    if as_json:
        _print_json(answer)
    elif answer["not_sent"]:
        click.echo(f"accepted; it is sent when the device asks again ({answer['not_sent']})")
    else:
        click.echo(f"accepted; {mn} is on its way to the device")


@command.command("dismiss")
@located
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def dismiss(here: Here, number: int, as_json: bool) -> None:
    """Hear a device no more."""
    answer = _call(here, "activate", id=number, do="dismiss")
    if as_json:
        _print_json(answer)
    else:
        click.echo(f"number {number} is dismissed")


def _call(here: Here, op: str, **arguments: Any) -> dict[str, Any]:
    from hj212d.cli.answers import Answers, refused

    with refused():
        return Answers(here).client.call(op, **arguments)


def _print_json(found: Any) -> None:
    import msgspec

    click.echo(msgspec.json.encode(found))
