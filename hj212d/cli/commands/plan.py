"""`hj212d plan`: emergency plans: add, list, search, show, set, review, withdraw.

Tests: tests/cli/test_plan_command.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hj212d.cli.alert_options import (
    KINDS,
    SEVERITIES,
    as_json_lines,
    as_json_object,
    limited,
)
from hj212d.cli.here import Here, located

_COLUMNS = ("code", "level", "state", "region", "title", "for", "review by")
_LEVELS = click.Choice(["I", "II", "III", "IV"])
_STATES = click.Choice(["draft", "in_force", "withdrawn"])
_WHOLE = 100_000  # characters that the control socket takes


@click.group("plan")
def command() -> None:
    """Emergency plans (应急预案): with codes of their own, suggested when an incident fits, and
    reminded of until somebody reviews them."""


def _fields(function: Callable[..., Any]) -> Callable[..., Any]:
    """What a plan says, but for its title."""
    for option in reversed(
        (
            click.option("--region", help="For this region and all below it.  [all]"),
            click.option("--level", type=_LEVELS, help="For warnings of this level.  [all]"),
            click.option(
                "--kind", "kinds", multiple=True, type=KINDS, help="Of incidents.  [all]"
            ),
            click.option("--factor", "factors", multiple=True, help="For this factor.  [all]"),
            click.option("--mn", "mns", multiple=True, help="For this station.  [all]"),
            click.option(
                "--severity",
                type=SEVERITIES,
                help="For incidents at least so grave.  [severe, or that of the level]",
            ),
            click.option(
                "--text",
                "file",
                type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
                help="File with its text, UTF-8; - reads standard input.",
            ),
            click.option("--keyword", "keywords", multiple=True, help="It is found by this."),
            click.option(
                "--contact", "contacts", multiple=True, help="Is reminded: number or name."
            ),
            click.option(
                "--review-days",
                type=click.IntRange(1, 3660),
                help="It must be looked at so often.  [365]",
            ),
            click.option("--state", type=_STATES, help="Whether it holds.  [in_force]"),
        )
    ):
        function = option(function)
    return function


def _which(function: Callable[..., Any]) -> Callable[..., Any]:
    """Of which plans there is a list."""
    for option in (
        limited,
        click.option("--state", type=_STATES, help="In this state only."),
        click.option("--region", help="For this region, one above or one below it."),
        click.option("--level", type=_LEVELS, help="For warnings of this level."),
        click.option("--kind", type=KINDS, help="For this kind of incidents."),
    ):
        function = option(function)
    return function


@command.command("add")
@located
@click.argument("title")
@_fields
@as_json_object
def add(here: Here, title: str, as_json: bool, **said: Any) -> None:
    """Put a plan down; its code is YA-REGION-YEAR-NUMBER."""
    _put(here, as_json, {"title": title, **_said(said)}, "")


@command.command("set")
@located
@click.argument("code")
@click.option("--title", help="Another title.")
@_fields
@as_json_object
def set_(here: Here, code: str, as_json: bool, **said: Any) -> None:
    """Change a plan; what is not said stays. Its code stays, too."""
    from hj212d.cli.refusal import WRONG_USE, Refusal

    wanted = _said(said)
    if not wanted:
        raise Refusal("say what is to be changed", WRONG_USE)
    _put(here, as_json, wanted, code)


@command.command("list")
@located
@_which
@as_json_lines
def list_(here: Here, as_json: bool, **asked: Any) -> None:
    """Plans in order of their codes."""
    _show(here, as_json, asked)


@command.command("search")
@located
@click.argument("words", nargs=-1, required=True)
@_which
@as_json_lines
def search(here: Here, words: tuple[str, ...], as_json: bool, **asked: Any) -> None:
    """Plans in which all WORDS stand: in title, keywords, code or text."""
    _show(here, as_json, {"text": " ".join(words), **asked})


@command.command("show")
@located
@click.argument("code")
@as_json_object
def show(here: Here, code: str, as_json: bool) -> None:
    """One plan with its text."""
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.decision_text import cell, print_json
    from hj212d.cli.tables import harmless
    from hj212d.cli.times import show_iso
    from hj212d.hub.alert_desk.plan_deeds import PlanGet

    plan = ask(here, PlanGet, code=code)["plan"]
    if as_json:
        print_json([plan])
        return
    contacts = [f"{one['name'] or 'unknown'} ({one['id']})" for one in plan["contacts"]]
    lines = {
        "code": plan["code"],
        "title": plan["title"],
        "state": plan["state"],
        "region": plan["region"],
        "level": plan["level"],
        "for": _for(plan),
        "keywords": cell(plan["keywords"]),
        "contacts": ", ".join(contacts),
        "review by": plan["review_by"],
        "last change": f"{show_iso(plan['changed_at'])} {plan['who']}",
    }
    for name, value in lines.items():
        if value:
            click.echo(harmless(f"{name + ':':<13} {value}"))
    if plan["text"]:
        click.echo()
        for line in plan["text"].splitlines():
            click.echo(harmless(line))


@command.command("review")
@located
@click.argument("code")
@as_json_object
def review(here: Here, code: str, as_json: bool) -> None:
    """Say that somebody has looked at a plan and that it holds."""
    from hj212d.cli.alert_asking import ask
    from hj212d.hub.alert_desk.plan_deeds import PlanReview

    plan = ask(here, PlanReview, code=code)["plan"]
    _done(plan, f"reviewed, again by {plan['review_by']}", as_json)


@command.command("withdraw")
@located
@click.argument("code")
@as_json_object
def withdraw(here: Here, code: str, as_json: bool) -> None:
    """Let a plan hold no more. It stays to be seen and is suggested no longer."""
    from hj212d.cli.alert_asking import ask
    from hj212d.hub.alert_desk.plan_deeds import PlanWithdraw

    _done(ask(here, PlanWithdraw, code=code)["plan"], "withdrawn", as_json)


def _said(options: dict[str, Any]) -> dict[str, Any]:
    """Fields of the options that were given."""
    file: Path | None = options.pop("file")
    found = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if value not in (None, ())
    }
    if file is not None:
        found["text"] = _read(file)
    return found


def _read(file: Path) -> str:
    from hj212d.cli.refusal import NO, Refusal

    try:
        with click.open_file(str(file), "rb") as stream:  # "-": standard input
            return bytes(stream.read()).decode("utf-8-sig")
    except OSError as problem:
        raise Refusal(f"{file} cannot be read: {problem.strerror}", NO) from problem
    except UnicodeDecodeError:
        raise Refusal(f"{file} is no text in UTF-8", NO) from None


def _put(here: Here, as_json: bool, wanted: dict[str, Any], code: str) -> None:
    from hj212d.cli.alert_asking import ask, ask_ourselves
    from hj212d.hub.alert_desk.plan_deeds import PlanPut

    # A registry has several writers: what is too long for the control socket goes straight in.
    if len(wanted.get("text", "")) > _WHOLE:
        answer = ask_ourselves(here, PlanPut, code=code, fields=wanted)
    else:
        answer = ask(here, PlanPut, code=code, fields=wanted)
    _done(answer["plan"], "changed" if code else "added", as_json)


def _done(plan: dict[str, Any], what: str, as_json: bool) -> None:
    from hj212d.cli.decision_text import print_json

    if as_json:
        print_json([plan])
    else:
        click.echo(f"plan {plan['code']} {what}")


def _show(here: Here, as_json: bool, asked: dict[str, Any]) -> None:
    from hj212d.cli.alert_asking import ask, show_list
    from hj212d.hub.alert_desk.plan_deeds import Plans

    said = {name: value for name, value in asked.items() if value is not None}
    answer = ask(here, Plans, **said)
    show_list(answer["plans"], _COLUMNS, _cells, as_json)
    if answer["more"]:
        click.echo(f"{answer['more']} more: --limit", err=True)


def _cells(plan: dict[str, Any]) -> list[object]:
    return [
        plan["code"],
        plan["level"],
        plan["state"],
        plan["region"],
        plan["title"],
        _for(plan),
        plan["review_by"],
    ]


def _for(plan: dict[str, Any]) -> str:
    parts = (plan["kinds"], plan["factors"], plan["mns"])
    said = [", ".join(part) for part in parts if part]
    return "; ".join([*said, f"from {plan['severity']} on"])
