"""`hj212d send`: ask something of an instrument, and see what comes of it.

Tests: tests/cli/test_send_command.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal

if TYPE_CHECKING:
    from hj212d.wire.requests import RequestSpec

USUAL_WAIT_S = 120.0


@click.command("send")
@located
@click.argument("mn", required=False)
@click.argument("name", required=False, metavar="COMMAND")
@click.argument("args", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--list", "listing", is_flag=True, help="What can be asked, and with what.")
@click.option(
    "--version", type=click.Choice(["2005", "2017", "2025"]), help="With --list: of this version."
)
@click.option(
    "--wait",
    type=click.FloatRange(0, 86400),
    metavar="S",
    help="Follow it for so many seconds.  [default: 120; with --queue 0]",
)
@click.option("--queue", is_flag=True, help="Wait for an instrument that is not connected.")
@click.option(
    "--expires",
    type=click.FloatRange(0, 30 * 86400, min_open=True),
    metavar="S",
    help="Never send it after so many seconds.  [default: commands.expires_s]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(
    here: Here,
    mn: str | None,
    name: str | None,
    args: tuple[str, ...],
    listing: bool,
    version: str | None,
    wait: float | None,
    queue: bool,
    expires: float | None,
    as_json: bool,
) -> None:
    """Ask something of an instrument.

    COMMAND is a name or a CN of `hj212d send --list`. Each step is printed, and the data as a
    table. Exit status 0: done (or queued, when nobody waits); 1: refused, failed, no answer.
    """
    if listing:
        _list(version, as_json)
        return
    if mn is None or name is None:
        raise Refusal("send takes an MN and a COMMAND; hj212d send --list shows the commands")
    arguments = _checked(name, args)
    wait_s = wait if wait is not None else 0.0 if queue else USUAL_WAIT_S
    _follow(
        here,
        as_json,
        mn=mn,
        name=name,
        args=arguments,
        queue=queue,
        expires_s=expires,
        wait_s=wait_s,
    )


def _follow(here: Here, as_json: bool, **request: Any) -> None:
    from hj212d.cli.answers import Answers, refused
    from hj212d.cli.command_text import SUCCESS

    last: dict[str, Any] = {}
    head = False
    with refused():
        for line in Answers(here).client.stream("send", **request):
            found = line.get("command")
            if found is None or line.get("done"):
                last = found or last
                continue
            last = found
            _tell(found, as_json, head)
            head = True
    if not last:
        raise Refusal("the daemon told nothing about the command", NO)
    if not as_json and last["data"]:
        _table(last)
    if last["state"] == SUCCESS or (request["wait_s"] == 0 and not last["final"]):
        return
    if last["final"]:
        raise Refusal(f"command {last['id']} of {last['mn']} {last['state']}: {last['why']}", NO)
    raise Refusal(
        f"command {last['id']} of {last['mn']} is {last['state']} after {request['wait_s']:g} s; "
        f"it goes on: hj212d command {last['id']}",
        NO,
    )


def _tell(found: dict[str, Any], as_json: bool, head: bool) -> None:
    from hj212d.cli.command_text import headline, step
    from hj212d.cli.tables import harmless

    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(found))
        return
    if not head:
        click.echo(harmless(headline(found)))
    click.echo(f"  {harmless(step(found))}")


def _table(found: dict[str, Any]) -> None:
    from hj212d.cli.command_text import data_table
    from hj212d.cli.tables import print_table

    columns, rows = data_table(found["data"])
    click.echo()
    print_table(columns, rows)
    if found["answers"] > len(found["data"]):
        click.echo(f"the first {len(found['data'])} of {found['answers']} data frames")


def _list(version: str | None, as_json: bool) -> None:
    from hj212d.cli.command_text import catalogue_rows
    from hj212d.cli.tables import print_table
    from hj212d.hub.commands.showing import catalogue

    found = catalogue(version)
    if as_json:
        import msgspec

        for one in found:
            click.echo(msgspec.json.encode(one))
        return
    print_table(("command", "CN", "versions", "arguments", "meaning"), catalogue_rows(found))


def _on_wire(name: str, value: Any, specs: Sequence[RequestSpec]) -> Any:
    """A time as people write it becomes the 14 digits of the wire, in Beijing time."""
    from datetime import UTC, datetime

    from hj212d.cli.times import BEIJING, parse_time

    times = {one.name for spec in specs for one in spec.parameters if one.kind == "time14"}
    if name not in times or not isinstance(value, str):
        return value
    try:
        moment = parse_time(value, datetime.now(UTC))
    except ValueError as error:
        raise Refusal(f"{name}: {error}") from error
    return moment.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")


def _checked(name: str, words: tuple[str, ...]) -> dict[str, Any]:
    """The arguments; Refusal when no version has the command, or none takes them."""
    from hj212d.hub.commands.drawing_up import check_free, checked
    from hj212d.hub.commands.first_contact import arguments
    from hj212d.hub.commands.new_command import Refused
    from hj212d.wire import requests

    specs = [one for one in requests.requests() if name in (one.name, one.cn)]
    if not specs:
        near = requests.near(name)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise Refusal(f"there is no command {name}{hint}")
    try:
        for spec in specs:
            check_free(spec)
        given = arguments(words)
    except Refused as refused:
        raise Refusal(str(refused)) from refused
    except ValueError as error:
        taken = dict.fromkeys(one.name for spec in specs for one in spec.parameters)
        takes = f"it takes {', '.join(taken)}" if taken else "it takes no arguments"
        raise Refusal(f"{name}: {error}; {takes}") from error
    given = {name: _on_wire(name, value, specs) for name, value in given.items()}
    problem = ""
    for spec in specs:
        for version in spec.versions:
            try:
                checked(spec, version, given, 0)
            except Refused as refused:
                problem = str(refused)
            else:
                return given
    raise Refusal(problem)
