"""`hj212d rule`: rules of alerts: list, show, set, remove, on, off, test.

Tests: tests/cli/test_rule_command.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from hj212d.cli.alert_options import KINDS, SEVERITIES, as_json_lines, as_json_object
from hj212d.cli.here import Here, located
from hj212d.cli.times import time_option

_COLUMNS = ("key", "kind", "on", "severity", "about", "figures", "case", "origin")
_CASES = click.Choice(["none", "suggest", "open"])


@click.group("rule")
def command() -> None:
    """Rules of alerts: what is looked for, of which stations, with which figures.

    The product's own rules hold from the first day; one that is set under the same key takes the
    place of one of them.
    """


@command.command("list")
@located
@click.option("--kind", type=KINDS, help="Of this kind only.")
@as_json_lines
def list_(here: Here, kind: str | None, as_json: bool) -> None:
    """All rules in order of key, the product's own and people's."""
    from hj212d.cli.alert_asking import ask, show_list
    from hj212d.hub.alert_desk.rule_deeds import Rules

    answer = ask(here, Rules, kind=kind)
    show_list(answer["rules"], _COLUMNS, _cells, as_json)
    for key, why in answer["unusable"].items():
        click.echo(f"hj212d: rule {key} is not in force: {why}", err=True)


@command.command("show")
@located
@click.argument("key")
@as_json_object
def show(here: Here, key: str, as_json: bool) -> None:
    """One rule with all its figures, and where each comes from."""
    from hj212d.cli.alert_asking import ask, show_one
    from hj212d.cli.rule_text import rule_lines
    from hj212d.hub.alert_desk.rule_deeds import RuleGet

    rule = ask(here, RuleGet, key=key)["rule"]
    show_one(rule, rule_lines, as_json)


@command.command("set")
@located
@click.argument("key")
@click.argument("params", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--kind", type=KINDS, help="Of a new rule.")
@click.option("--severity", type=SEVERITIES, help="Of its incidents.")
@click.option("--mn", "mns", multiple=True, help="About this station; several times.  [all]")
@click.option("--region", "regions", multiple=True, help="About this region, all below it.  [all]")
@click.option("--factor", "factors", multiple=True, help="About this factor: a34004, a34*.  [all]")
@click.option("--medium", "media", multiple=True, help="About air, water, flue, ...  [all]")
@click.option("--everywhere", is_flag=True, help="No longer about some stations or regions only.")
@click.option("--case", type=_CASES, help="What becomes of its incidents.")
@click.option("--case-class", help="Class of its cases; 08004.  [default: the kind's]")
@click.option(
    "--way", type=click.Choice(["live", "check"]), help="With each frame, or at :00, :30."
)
@click.option("--note", help="Why it is so.")
@as_json_object
def set_(
    here: Here,
    key: str,
    params: tuple[str, ...],
    everywhere: bool,
    as_json: bool,
    **said: Any,
) -> None:
    """Set a rule; what is not said stays as it is.

    NAME=VALUE is a figure of its kind, as `rule show` names them; NAME.FACTOR=VALUE one of a
    table; NAME= takes it back to the default.
    """
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.decision_text import print_json
    from hj212d.cli.rule_text import params_of, rule_lines
    from hj212d.hub.alert_desk.rule_deeds import RuleGet, RulePut

    fields = {name: value for name, value in said.items() if value not in (None, ())}
    fields = {name: list(v) if isinstance(v, tuple) else v for name, v in fields.items()}
    if everywhere:
        fields = {"mns": [], "regions": [], **fields}
    if params:
        fields["params"] = params_of(params)
    rule = ask(here, RulePut, key=key, fields=fields)["rule"]
    if as_json:
        print_json([rule])
        return
    for line in rule_lines(ask(here, RuleGet, key=key)["rule"]):
        click.echo(line)


@command.command("remove")
@located
@click.argument("key")
def remove(here: Here, key: str) -> None:
    """Forget what somebody set; the product's own rule of that key holds again."""
    from hj212d.cli.alert_asking import ask
    from hj212d.hub.alert_desk.rule_deeds import RuleRemove

    left = ask(here, RuleRemove, key=key)["rule"]
    click.echo(f"{key} removed" + ("; the product's own holds again" if left else ""))


@command.command("on")
@located
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
def on(here: Here, keys: tuple[str, ...]) -> None:
    """Switch rules on, all or none."""
    _switch(here, keys, True)


@command.command("off")
@located
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
def off(here: Here, keys: tuple[str, ...]) -> None:
    """Switch rules off, all or none; their alarms end."""
    _switch(here, keys, False)


@command.command("test")
@located
@click.argument("key")
@click.argument("params", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--from", "start", type=time_option, required=True, help="Data of this time on.")
@click.option("--to", "end", type=time_option, required=True, help="And before this.")
@click.option("--mn", "mns", multiple=True, required=True, help="Of this station; several times.")
@as_json_lines
def test(
    here: Here,
    key: str,
    params: tuple[str, ...],
    start: datetime,
    end: datetime,
    mns: tuple[str, ...],
    as_json: bool,
) -> None:
    """What a rule would have raised from stored data; nothing is kept, nobody is told.

    NAME=VALUE tries a figure without setting it.
    """
    from hj212d.cli.alert_asking import show_list
    from hj212d.cli.rule_test import tried
    from hj212d.cli.rule_text import TRIED, params_of, tried_cells

    answer = tried(here, key, params_of(params), start, end, mns)
    show_list(answer["alarms"], TRIED, tried_cells, as_json)
    if not as_json:
        read = f"{answer['frames']} frames and {answer['values']} values"
        click.echo(f"{len(answer['alarms'])} alarms of {read}")


def _switch(here: Here, keys: tuple[str, ...], on: bool) -> None:
    from hj212d.cli.alert_asking import ask
    from hj212d.hub.alert_desk.rule_deeds import RuleSwitch

    rules = ask(here, RuleSwitch, keys=list(keys), on=on)["rules"]
    click.echo(f"{', '.join(rule['key'] for rule in rules)} {'on' if on else 'off'}")


def _cells(rule: dict[str, Any]) -> list[object]:
    from hj212d.cli.rule_text import about, figures

    return [
        rule["key"],
        rule["kind"],
        "on" if rule["on"] else "off",
        rule["severity"],
        about(rule),
        figures(rule["params"]),
        rule["case"],
        rule["origin"],
    ]
