"""`hj212d forward`: the targets that frames go to, and what an operator does about them.

Tests: tests/system/test_forwarding.py.
"""

from __future__ import annotations

from typing import Any

import click

from hj212d.cli.here import Here, located

_TARGETS = (
    "name",
    "target",
    "state",
    "acknowledged",
    "on the way",
    "resent",
    "dead",
    "behind",
    "age",
    "error",
)
_LETTERS = ("id", "target", "at", "state", "mn", "cn", "rounds", "why")


@click.group("forward")
def command() -> None:
    """Targets that frames are forwarded to.

    They stand in the configuration as [[forward]]; the running daemon sends to them.
    """


@command.command("ls")
@located
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def ls(here: Here, as_json: bool) -> None:
    """Each target: where it is, whether it is up, what waits for it and why."""
    from hj212d.cli.forward_text import target_row
    from hj212d.cli.tables import print_table

    rows = _ask(here, "forwards")["forwards"]
    if as_json:
        _print_json(rows)
        return
    print_table(_TARGETS, map(target_row, rows), right=_TARGETS[3:9])
    for row in rows:
        for job in row.get("replays", ()):
            click.echo(f"replay {job['id']} to {row['name']}: {job['percent']} %")


@command.command("pause")
@located
@click.argument("name")
def pause(here: Here, name: str) -> None:
    """Send nothing to a target until it is resumed, restarts included. Its place is kept."""
    _ask(here, "forward", name=name, do="pause")
    click.echo(f"{name} is paused")


@command.command("resume")
@located
@click.argument("name")
def resume(here: Here, name: str) -> None:
    """Go on from where it stopped."""
    _ask(here, "forward", name=name, do="resume")
    click.echo(f"{name} goes on")


@command.command("skip")
@located
@click.argument("name")
@click.option("--all", "all_", is_flag=True, help="Leave out everything that waits, for good.")
def skip(here: Here, name: str, all_: bool) -> None:
    """Make a dead letter of the frame that all others wait for."""
    if all_:
        click.confirm(f"leave out everything that waits for {name}?", abort=True, err=True)
    skipped = _ask(here, "forward", name=name, do="skip", all=all_, who=_who())["skipped"]
    if all_:
        click.echo(f"{name} goes on behind what waited")
    else:
        click.echo("one frame is a dead letter now" if skipped else "no frame waits")


@command.command("dead")
@located
@click.argument("name", required=False)
@click.option("--limit", default=100, show_default=True, help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, frames included.")
def dead(here: Here, name: str | None, limit: int, as_json: bool) -> None:
    """Dead letters: frames that a target did not take, newest first."""
    from hj212d.cli.tables import print_table
    from hj212d.cli.times import show_iso

    rows = _ask(here, "dead_letters", name=name, limit=limit)["dead_letters"]
    if as_json:
        _print_json(rows)
        return
    print_table(
        _LETTERS,
        (
            (
                row["id"],
                row["forward"],
                show_iso(row["at"]),
                row["state"],
                row["mn"],
                row["cn"],
                row["tries"],
                row["why"],
            )
            for row in rows
        ),
        right=("id", "rounds"),
        short="why",
    )


@command.command("again")
@located
@click.argument("name")
@click.option("--id", "id_", type=int, help="Of this number only.")
def again(here: Here, name: str, id_: int | None) -> None:
    """Send dead letters once more, up to 1000 of them, oldest first."""
    count = _ask(here, "forward", name=name, do="again", id=id_)["again"]
    letters = "1 dead letter is" if count == 1 else f"{count} dead letters are"
    click.echo(f"{letters} sent to {name} again")


def _ask(here: Here, op: str, **arguments: Any) -> dict[str, Any]:
    from hj212d.cli.answers import Answers, refused

    with refused():
        answer: dict[str, Any] = Answers(here).client.call(op, **arguments)
    return answer


def _who() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _print_json(rows: list[dict[str, Any]]) -> None:
    import msgspec

    for row in rows:
        click.echo(msgspec.json.encode(row))
