"""`hj212d contact`: who is told: add, set, list, show, remove, test; who answers for a station.

Tests: tests/cli/test_contact_command.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hj212d.cli.alert_options import (
    CHANNELS,
    SEVERITIES,
    as_json_lines,
    as_json_object,
    number_or_name,
)
from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, WRONG_USE, Refusal

_COLUMNS = ("id", "name", "login", "language", "ways", "quiet", "on")
_OWNER_COLUMNS = ("id", "place", "role", "contact")
_OWNER_FIELDS = ("place", "contact", "role")
_ROLES = click.Choice(["owner", "operator", "chief"])


def _described(function: Callable[..., Any]) -> Callable[..., Any]:
    """Options that add and set have."""
    for option in (
        click.option("--login", help="The account, for in-app messages."),
        click.option("--language", type=click.Choice(["zh", "en"]), help="Of messages.  [zh]"),
        click.option(
            "--way",
            "ways",
            multiple=True,
            metavar="CHANNEL=ADDRESS",
            help="email=..., sms=..., webhook=https://...; app needs no address; CHANNEL= takes "
            "one away.",
        ),
        click.option("--quiet-from", metavar="HH:MM", help="Of then on no messages at night."),
        click.option("--quiet-to", metavar="HH:MM", help="Until then."),
        click.option("--quiet-breaks", type=SEVERITIES, help="What comes through.  [critical]"),
    ):
        function = option(function)
    return function


@click.group("contact")
def command() -> None:
    """People and robots that are told of incidents, and how.

    CONTACT is a number, or a name where one alone has it.
    """


@command.command("add")
@located
@click.argument("name")
@_described
@as_json_object
def add(here: Here, name: str, as_json: bool, **said: Any) -> None:
    """Add a contact."""
    _put(here, None, {"name": name, **said}, as_json)


@command.command("set")
@located
@click.argument("contact", type=number_or_name)
@click.option("--name", help="Another name.")
@click.option("--on/--off", "on", default=None, help="Off: is told nothing.")
@_described
@as_json_object
def set_(here: Here, contact: int | str, as_json: bool, **said: Any) -> None:
    """Change a contact; what is not said stays."""
    _put(here, contact, said, as_json)


@command.command("list")
@located
@as_json_lines
def list_(here: Here, as_json: bool) -> None:
    """All contacts; addresses in part."""
    from hj212d.cli.alert_asking import ask, show_list
    from hj212d.hub.alert_desk.contact_deeds import Contacts

    show_list(ask(here, Contacts)["contacts"], _COLUMNS, _cells, as_json, right=("id",))


@command.command("show")
@located
@click.argument("contact", type=number_or_name)
@as_json_object
def show(here: Here, contact: int | str, as_json: bool) -> None:
    """One contact, what it subscribed to and what it answers for."""
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.decision_text import print_json
    from hj212d.cli.subscription_text import words
    from hj212d.cli.tables import harmless
    from hj212d.hub.alert_desk.contact_deeds import ContactGet

    answer = ask(here, ContactGet, contact=contact)
    if as_json:
        print_json([answer])
        return
    found = answer["contact"]
    click.echo(harmless(f"{found['id']}  {found['name']}{'' if found['on'] else ', off'}"))
    click.echo(harmless(f"  login     {found['login'] or '-'}, language {found['language']}"))
    for name, address in found["ways"].items():
        click.echo(harmless(f"  way       {name} {address}".rstrip()))
    if found["quiet_from"]:
        hours = f"{found['quiet_from']} to {found['quiet_to']}"
        click.echo(f"  quiet     {hours}, but for {found['quiet_breaks']}")
    for one in answer["subscriptions"]:
        click.echo(harmless(f"  hears     {one['id']}: {words(one)}"))
    for one in answer["places"]:
        click.echo(harmless(f"  answers   {one['id']}: {one['role']} of {one['place']}"))


@command.command("remove")
@located
@click.argument("contact", type=number_or_name)
def remove(here: Here, contact: int | str) -> None:
    """Forget a contact, what it subscribed to and what it answers for."""
    from hj212d.cli.alert_asking import ask
    from hj212d.hub.alert_desk.contact_deeds import ContactRemove

    click.echo(f"contact {ask(here, ContactRemove, contact=contact)['removed']} removed")


@command.command("test")
@located
@click.argument("contact", type=number_or_name)
@click.option("--channel", type=CHANNELS, help="By this one.  [default: all it has]")
@as_json_lines
def test(here: Here, contact: int | str, channel: str | None, as_json: bool) -> None:
    """Send a test message, as any message goes: through the outbox."""
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.decision_text import print_json
    from hj212d.hub.alert_desk.outbox_deeds import ContactTest

    messages = ask(here, ContactTest, contact=contact, channel=channel)["messages"]
    if as_json:
        print_json(messages)
        return
    for one in messages:
        click.echo(f"message {one['id']} by {one['channel']} is {one['state']}")
    click.echo(f"see: hj212d outbox list --about {messages[0]['about']}")


@command.command("owner")
@located
@click.argument("place", metavar="MN|region:CODE")
@click.argument("contact", type=number_or_name)
@click.option("--role", type=_ROLES, default="owner", show_default=True, help="As what.")
@as_json_object
def owner(here: Here, place: str, contact: int | str, role: str, as_json: bool) -> None:
    """Say who answers for a station or a region."""
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.decision_text import print_json
    from hj212d.hub.alert_desk.contact_deeds import OwnerPut

    said = {"place": place, "contact": str(contact), "role": role}
    answer = ask(here, OwnerPut, owners=[said])
    if as_json:
        print_json(answer["owners"])
        return
    number = answer["owners"][0]["id"]
    click.echo(f"line {number} added" if answer["added"] else f"line {number} says so already")


@command.command("owners")
@located
@click.option("--place", metavar="MN|region:CODE", help="Of this one only.")
@click.option("--csv", "as_csv", is_flag=True, help="As `owners-import` reads it.")
@as_json_lines
def owners(here: Here, place: str | None, as_csv: bool, as_json: bool) -> None:
    """Who answers for stations and regions."""
    from hj212d.cli.alert_asking import ask, show_list
    from hj212d.hub.alert_desk.contact_deeds import Owners

    found = ask(here, Owners, place=place)["owners"]
    if as_csv:
        _print_csv(found)
        return
    show_list(
        found,
        _OWNER_COLUMNS,
        lambda one: (one["id"], one["place"], one["role"], one["contact"]),
        as_json,
        right=("id",),
    )


@command.command("owners-import")
@located
@click.argument("file", type=click.Path(path_type=Path))
def owners_import(here: Here, file: Path) -> None:
    """Take who answers from FILE, all or none: CSV with place, contact and role.

    One that stands already is not added again; none is taken away.
    """
    from hj212d.cli.alert_asking import ask_ourselves
    from hj212d.cli.csv_rows import read_rows
    from hj212d.hub.alert_desk.contact_deeds import OwnerPut

    rows = read_rows(file, _OWNER_FIELDS, ("place", "contact"), "a line of who answers")
    if not rows:
        raise Refusal(f"{file} has no line", NO)
    answer = ask_ourselves(here, OwnerPut, owners=rows)
    for sentence in answer["warnings"]:
        click.echo(f"hj212d: {sentence}", err=True)
    click.echo(f"{len(rows)} lines read, {answer['added']} of them new")


@command.command("disown")
@located
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER...")
def disown(here: Here, numbers: tuple[int, ...]) -> None:
    """Take away lines of `owners`, all or none."""
    from hj212d.cli.alert_asking import ask
    from hj212d.hub.alert_desk.contact_deeds import OwnerRemove

    click.echo(f"{ask(here, OwnerRemove, ids=list(numbers))['removed']} removed")


def _put(here: Here, contact: int | str | None, said: dict[str, Any], as_json: bool) -> None:
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.decision_text import print_json
    from hj212d.hub.alert_desk.contact_deeds import ContactPut

    ways = _ways(said.pop("ways"))
    fields = {name: value for name, value in said.items() if value is not None}
    if ways:
        fields["ways"] = ways
    kept = ask(here, ContactPut, contact=contact, fields=fields)["contact"]
    if as_json:
        print_json([kept])
        return
    click.echo(f"contact {kept['id']} {'added' if contact is None else 'changed'}")


def _ways(words: tuple[str, ...]) -> dict[str, str]:
    ways = {}
    for word in words:
        name, equals, address = word.partition("=")
        if not equals and name != "app":
            raise Refusal(f'"{name}": expected CHANNEL=ADDRESS', WRONG_USE)
        ways[name] = address
    return ways


def _cells(contact: dict[str, Any]) -> list[object]:
    quiet = f"{contact['quiet_from']}-{contact['quiet_to']}" if contact["quiet_from"] else ""
    ways = ", ".join(f"{name} {one}".rstrip() for name, one in contact["ways"].items())
    return [
        contact["id"],
        contact["name"],
        contact["login"],
        contact["language"],
        ways,
        quiet,
        "yes" if contact["on"] else "no",
    ]


def _print_csv(found: list[dict[str, Any]]) -> None:
    import csv
    import sys

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_OWNER_FIELDS)
    for one in found:
        writer.writerow((one["place"], one["contact_id"], one["role"]))
