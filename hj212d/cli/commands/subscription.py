"""`hj212d subscription`: what contacts hear of: add, list, remove, limit.

Tests: tests/cli/test_subscription_command.py.
"""

from __future__ import annotations

from typing import Any

import click

from hj212d.cli.alert_options import (
    CHANNELS,
    KINDS,
    SEVERITIES,
    as_json_lines,
    as_json_object,
    number_or_name,
)
from hj212d.cli.here import Here, located

_COLUMNS = ("id", "contact", "hears of")
_TOPICS = click.Choice(["incidents", "ranking", "summary", "plans", "warnings"])


@click.group("subscription")
def command() -> None:
    """What contacts want to hear of, and limits of their own.

    CONTACT is a number, or a name where one alone has it.
    """


@command.command("add")
@located
@click.argument("contact", type=number_or_name)
@click.option("--topic", "topics", multiple=True, type=_TOPICS, help="[default: incidents]")
@click.option("--kind", "kinds", multiple=True, type=KINDS, help="Of this kind.  [all]")
@click.option("--rule", "rules", multiple=True, help="Of this rule.  [all]")
@click.option("--severity", type=SEVERITIES, help="Of this and graver.  [warning]")
@click.option("--region", "regions", multiple=True, help="In this region, all below it.  [all]")
@click.option("--mn", "mns", multiple=True, help="Of this station.  [all]")
@click.option("--channel", "channels", multiple=True, type=CHANNELS, help="By this way.  [all]")
@click.option(
    "--every",
    "summary_every",
    type=click.Choice(["hour", "6h", "12h", "day"]),
    help="Of the topic summary: how often.",
)
@as_json_object
def add(here: Here, contact: int | str, as_json: bool, **said: Any) -> None:
    """Have a contact hear of something; each option narrows it."""
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.decision_text import print_json
    from hj212d.cli.subscription_text import words
    from hj212d.hub.alert_desk.subscription_deeds import SubscriptionAdd

    fields = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in said.items()
        if value not in (None, ())
    }
    kept = ask(here, SubscriptionAdd, contact=contact, fields=fields)["subscription"]
    if as_json:
        print_json([kept])
        return
    click.echo(f"subscription {kept['id']}: {words(kept)}")


@command.command("list")
@located
@click.option("--contact", type=number_or_name, help="Of this one only.")
@as_json_lines
def list_(here: Here, contact: int | str | None, as_json: bool) -> None:
    """Subscriptions in order of their numbers."""
    from hj212d.cli.alert_asking import ask, show_list
    from hj212d.cli.subscription_text import words
    from hj212d.hub.alert_desk.subscription_deeds import Subscriptions

    show_list(
        ask(here, Subscriptions, contact=contact)["subscriptions"],
        _COLUMNS,
        lambda one: (one["id"], one["contact"], words(one)),
        as_json,
        right=("id",),
    )


@command.command("remove")
@located
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER...")
def remove(here: Here, numbers: tuple[int, ...]) -> None:
    """End subscriptions, all or none."""
    from hj212d.cli.alert_asking import ask
    from hj212d.hub.alert_desk.subscription_deeds import SubscriptionRemove

    click.echo(f"{ask(here, SubscriptionRemove, ids=list(numbers))['removed']} removed")


@command.command("limit")
@located
@click.argument("contact", type=number_or_name)
@click.argument("mn")
@click.argument("factor")
@click.argument("high", type=float)
@click.option("--low", type=float, help="At least this, too.")
@click.option(
    "--period",
    type=click.Choice(["realtime", "minute", "hour", "day"]),
    default="realtime",
    show_default=True,
    help="Of values of this period.",
)
@as_json_object
def limit(here: Here, as_json: bool, **said: Any) -> None:
    """A contact's own limit at a station: a rule of which it alone hears.

    HIGH is in the unit in which the station sends. `rule remove` takes it away.
    """
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.decision_text import print_json
    from hj212d.hub.alert_desk.subscription_deeds import SubscriptionLimit

    rule = ask(here, SubscriptionLimit, **said)["rule"]
    if as_json:
        print_json([rule])
        return
    click.echo(f"rule {rule['key']} set")
