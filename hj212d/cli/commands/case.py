"""`hj212d case`: cases that came of alerts: list, show, open, void, verify.

Tests: tests/cli/test_case_command.py.
"""

from __future__ import annotations

from typing import Any

import click

from hj212d.cli.alert_options import KINDS, as_json_lines, as_json_object, paged
from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal

_COLUMNS = ("case", "state", "class", "title", "reported", "id")


@click.group("case")
def command() -> None:
    """Cases that came of alerts, for the platform that handles them.

    One at most is open of a station, factor and kind; what follows is attached to it.
    """


@command.command("list")
@located
@click.option("--state", "states", multiple=True, help="In this state.  [default: not ended]")
@click.option("--mn", help="Of this station.")
@click.option("--region", default="", help="In this region and all below it.")
@click.option("--kind", type=KINDS, help="Of incidents of this kind.")
@paged
@as_json_lines
def list_(here: Here, states: tuple[str, ...], as_json: bool, **asked: Any) -> None:
    """Cases, newest first."""
    from hj212d.cli.alert_asking import ask, say_next, show_list
    from hj212d.cli.times import show_iso
    from hj212d.hub.alert_desk.case_deeds import CaseList

    answer = ask(here, CaseList, **({"state": list(states)} if states else {}), **asked)
    show_list(
        answer["cases"],
        _COLUMNS,
        lambda one: (
            one["case_no"],
            one["state"],
            one["class_code"],
            one["title"],
            show_iso(one["reported_at"]),
            one["id"],
        ),
        as_json,
        right=("id",),
    )
    say_next(answer)


@command.command("show")
@located
@click.argument("no")
@as_json_object
def show(here: Here, no: str, as_json: bool) -> None:
    """One case with its log."""
    from hj212d.cli.alert_asking import ask, show_one
    from hj212d.cli.case_text import lines
    from hj212d.hub.alert_desk.case_deeds import CaseGet

    answer = ask(here, CaseGet, no=no)
    show_one(answer, lines, as_json)


@command.command("open")
@located
@click.argument("incident")
@click.option("--class", "class_code", default="", help="Its class.  [default: the kind's own]")
@as_json_object
def open_(here: Here, incident: str, class_code: str, as_json: bool) -> None:
    """Open the case of an incident, whatever its rule says of cases."""
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.decision_text import print_json
    from hj212d.hub.alert_desk.case_deeds import CaseOpen

    case = ask(here, CaseOpen, incident=incident, class_code=class_code)["case"]
    if as_json:
        print_json([case])
        return
    click.echo(f"{case['case_no']} {case['state']}")


@command.command("void")
@located
@click.argument("no")
@click.option("--reason", required=True, help="Why; it stays with the case.")
@as_json_object
def void(here: Here, no: str, reason: str, as_json: bool) -> None:
    """A case that should not have been opened; another may be, of a new incident."""
    from hj212d.cli.alert_asking import ask
    from hj212d.cli.decision_text import print_json
    from hj212d.hub.alert_desk.case_deeds import CaseVoid

    case = ask(here, CaseVoid, no=no, reason=reason)["case"]
    if as_json:
        print_json([case])
        return
    click.echo(f"{case['case_no']} {case['state']}")


@command.command("verify")
@located
@click.argument("no", required=False)
def verify(here: Here, no: str | None) -> None:
    """Look whether the logs of cases are as they were written, of one or all."""
    from hj212d.cli.alert_asking import ask
    from hj212d.hub.alert_desk.case_deeds import CaseVerify

    verified, broken, before = 0, [], None
    while True:
        answer = ask(here, CaseVerify, no=no, before=before)
        verified += answer["verified"]
        broken += answer["broken"]
        before = answer.get("next")
        if before is None:
            break
    for one in broken:
        click.echo(f"{one['case_no']}: line {one['entry']} of its log was changed")
    if broken:
        raise Refusal(f"{len(broken)} of {verified} cases were changed", NO)
    click.echo(f"{verified} cases verified")
