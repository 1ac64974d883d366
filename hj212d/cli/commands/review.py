"""`hj212d review`: marks of people on readings: add, revoke, list, import, propose.

Tests: tests/cli/test_review_command.py.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal
from hj212d.cli.times import time_option

_COLUMNS = ("id", "mn", "factor", "period", "from", "to", "verdict", "reason", "note", "who", "at")
_PERIODS = click.Choice(["realtime", "minute", "hour", "day"])


@click.group("review")
def command() -> None:
    """Marks on readings: "invalid" takes them out of every derived number, "valid" lifts the
    instrument's own flag.

    The reading itself is never changed. Marks are revoked, not removed; where both kinds touch a
    reading, "invalid" counts.
    """


@command.command("add")
@located
@click.argument("mn")
@click.option("--from", "start", type=time_option, required=True, help="Of this DataTime on.")
@click.option("--to", "end", type=time_option, help="Before this one.  [default: one reading]")
@click.option("--factor", default="", help="Of this factor: a34004, PM2.5.  [default: all]")
@click.option("--period", type=_PERIODS, help="Of these data.  [default: all]")
@click.option("--valid", is_flag=True, help="Lift the instrument's flag.  [default: invalid]")
@click.option("--reason", required=True, help="A word of [review] reasons.")
@click.option("--note", default="", help="Free text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def add(
    here: Here,
    mn: str,
    start: datetime,
    end: datetime | None,
    valid: bool,
    as_json: bool,
    **said: Any,
) -> None:
    """Mark readings of a station, from a DataTime to another, that not included."""
    from hj212d.cli.deciding import decide
    from hj212d.cli.decision_text import print_json
    from hj212d.hub.decisions.review_deeds import ReviewAdd

    mark = {
        "mn": mn,
        "start": start.isoformat(),
        "end": end.isoformat() if end else "",
        "verdict": "valid" if valid else "invalid",
        **said,
    }
    answer = decide(here, ReviewAdd, reviews=[mark])
    if as_json:
        print_json(answer["reviews"])
        return
    number = answer["reviews"][0]["id"]
    click.echo(f"review {number} added" if answer["added"] else f"review {number} says so already")


@command.command("revoke")
@located
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def revoke(here: Here, numbers: tuple[int, ...], as_json: bool) -> None:
    """Let marks count no more, all or none. They stay to be seen."""
    from hj212d.cli.deciding import decide
    from hj212d.cli.decision_text import print_json
    from hj212d.hub.decisions.review_deeds import ReviewRevoke

    answer = decide(here, ReviewRevoke, ids=list(numbers))
    if as_json:
        print_json(answer["reviews"])
        return
    click.echo(f"{len(answer['reviews'])} revoked")


@command.command("list")
@located
@click.option("--mn", help="Of this station only.")
@click.option("--from", "start", type=time_option, help="That touch the time from here on.")
@click.option("--to", "end", type=time_option, help="And before this.")
@click.option(
    "--state",
    type=click.Choice(["active", "revoked", "all"]),
    default="active",
    show_default=True,
    help="Which.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=1000,
    show_default=True,
    help="At most so many.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(
    here: Here,
    mn: str | None,
    start: datetime | None,
    end: datetime | None,
    state: str,
    limit: int,
    as_json: bool,
) -> None:
    """Marks in the order they were made."""
    from hj212d.cli.deciding import decide
    from hj212d.cli.decision_text import iso, print_json
    from hj212d.cli.tables import print_table
    from hj212d.hub.decisions.review_deeds import Reviews

    found = decide(here, Reviews, mn=mn, start=iso(start), end=iso(end), state=state, limit=limit)[
        "reviews"
    ]
    if as_json:
        print_json(found)
        return
    print_table(_COLUMNS, (_cells(mark) for mark in found), right=("id",))


@command.command("import")
@located
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what is wrong.")
def import_(here: Here, file: Path, dry_run: bool) -> None:
    """Take marks from FILE, all or none: CSV with a header.

    mn, start, reason are needed; end, factor, period, verdict, note may be there. A mark that
    stands already is not added again.
    """
    from hj212d.cli.csv_rows import read_rows
    from hj212d.cli.deciding import decide_many
    from hj212d.hub.decisions.review_deeds import FIELDS, ReviewAdd

    problem = _problem(here)
    rows = read_rows(file, FIELDS, ("mn", "start", "reason"), "a mark", problem)
    if not rows:
        raise Refusal(f"{file} has no mark", NO)
    if dry_run:
        click.echo(f"{len(rows)} marks, nothing is wrong with them")
        return
    added = decide_many(here, ReviewAdd, reviews=rows)["added"]
    click.echo(f"{len(rows)} marks read, {added} of them new")


@command.command("propose")
@located
@click.option("--from", "start", type=time_option, required=True, help="Hours of this time on.")
@click.option("--to", "end", type=time_option, required=True, help="And before this.")
@click.option("--mn", "mns", multiple=True, help="Of these stations.  [default: all of the air]")
@click.option("--add", "adds", is_flag=True, help="Mark them, each with its reason.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def propose(
    here: Here, start: datetime, end: datetime, mns: tuple[str, ...], adds: bool, as_json: bool
) -> None:
    """Hour values of the air that look wrong: constant, a jump, PM2.5 above PM10, negative, out of
    range.

    By the figures of [review]. Nothing is marked without --add.
    """
    from hj212d.cli.deciding import decide_many
    from hj212d.cli.decision_text import print_json
    from hj212d.cli.proposing import proposals
    from hj212d.cli.tables import print_table
    from hj212d.hub.decisions.review_deeds import ReviewAdd

    found = proposals(here, start, end, mns)
    if as_json:
        print_json(found)
    else:
        columns = ("mn", "factor", "from", "to", "reason", "note")
        print_table(columns, ([_shown(mark, name) for name in columns] for mark in found))
    if adds and found:
        added = decide_many(here, ReviewAdd, reviews=found)["added"]
        click.echo(f"{added} marks added", err=as_json)


def _problem(here: Here) -> Any:
    """What is wrong with a line, by the rules of a mark."""
    from datetime import UTC

    from hj212d.cli.own_registry import sites_of
    from hj212d.hub.decisions.deeds import Terms
    from hj212d.hub.decisions.review_deeds import mark_of

    config = here.config()
    terms = Terms(sites_of(config, None, lambda _: ""), config.review, datetime.now(UTC))

    def problem(row: dict[str, str]) -> str:
        try:
            mark_of(row, terms)
        except ValueError as fault:
            return str(fault)
        return ""

    return problem


def _cells(mark: dict[str, Any]) -> list[object]:
    return [_shown(mark, name) for name in _COLUMNS]


def _shown(mark: dict[str, Any], name: str) -> object:
    from hj212d.cli.times import show_iso

    match name:
        case "from" | "to":
            return show_iso(mark["start" if name == "from" else "end"])
        case "at":
            return show_iso(mark["at"])
        case "factor" | "period":
            return mark[name] or "all"
        case "verdict" if mark["revoked_at"]:
            return f"{mark[name]}, revoked by {mark['revoked_by']}"
    return mark[name]
