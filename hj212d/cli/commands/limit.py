"""`hj212d limit`: limits of single outlets and sites: add, remove, list, import.

Tests: tests/cli/test_limit_command.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal

_COLUMNS = ("id", "mn", "factor", "period", "stat", "limit", "unit", "since", "until", "source")


@click.group("limit")
def command() -> None:
    """Limits of a permit or a local standard, for one outlet or site. National tables are there
    without them."""


@command.command("add")
@located
@click.argument("mn")
@click.option("--factor", required=True, help="Of what: a21026, PM2.5.")
@click.option("--period", default="hour", show_default=True, help="Of values of this period.")
@click.option(
    "--stat", default="mean", show_default=True, help="Which value: mean, zs, total, leq."
)
@click.option("--low", metavar="NUMBER", help="At least this.")
@click.option("--high", metavar="NUMBER", help="At most this; 1.0 is compared with one decimal.")
@click.option("--unit", required=True, help="In this unit.")
@click.option("--since", default="", help="First day: 2026-01-31.")
@click.option("--until", default="", help="The day on which it holds no more.")
@click.option("--source", default="", help="Number of the permit or standard.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def add(
    here: Here, mn: str, low: str | None, high: str | None, as_json: bool, **said: Any
) -> None:
    """Add a limit: --high, --low, or both."""
    from hj212d.cli.deciding import decide
    from hj212d.cli.decision_text import print_json
    from hj212d.hub.decisions.limit_deeds import LimitAdd

    op = "le" if low is None else "ge" if high is None else "between"
    limit = {"mn": mn, "op": op, "low": low, "high": high, **said}
    answer = decide(here, LimitAdd, limits=[limit])
    if as_json:
        print_json(answer["limits"])
        return
    number = answer["limits"][0]["id"]
    click.echo(f"limit {number} added" if answer["added"] else f"limit {number} says so already")


@command.command("remove")
@located
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER...")
def remove(here: Here, numbers: tuple[int, ...]) -> None:
    """Forget limits, all or none. What they were stays in the notes of changes."""
    from hj212d.cli.deciding import decide
    from hj212d.hub.decisions.limit_deeds import LimitRemove

    click.echo(f"{decide(here, LimitRemove, ids=list(numbers))['removed']} removed")


@command.command("list")
@located
@click.option("--mn", help="Of this outlet or site only.")
@click.option("--factor", help="Of this factor only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(here: Here, mn: str | None, factor: str | None, as_json: bool) -> None:
    """Limits in order of MN and factor."""
    from hj212d.cli.deciding import decide
    from hj212d.cli.decision_text import cell, print_json
    from hj212d.cli.tables import print_table
    from hj212d.hub.decisions.limit_deeds import Limits

    found = decide(here, Limits, mn=mn, factor=factor)["limits"]
    if as_json:
        print_json(found)
        return
    rows = ({**limit, "limit": _words(limit)} for limit in found)
    print_table(_COLUMNS, ([cell(row[name]) for name in _COLUMNS] for row in rows), right=("id",))


@command.command("import")
@located
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what is wrong.")
def import_(here: Here, file: Path, dry_run: bool) -> None:
    """Take limits from FILE, all or none: CSV with a header.

    mn, factor, unit are needed; period, stat, op (le, ge, between), low, high, since, until,
    source, decimals may be there. A limit that stands already is not added again.
    """
    from hj212d.cli.csv_rows import read_rows
    from hj212d.cli.deciding import decide_many
    from hj212d.hub.decisions.limit_deeds import FIELDS, LimitAdd

    rows = read_rows(file, FIELDS, ("mn", "factor", "unit"), "a limit", _problem)
    if not rows:
        raise Refusal(f"{file} has no limit", NO)
    if dry_run:
        click.echo(f"{len(rows)} limits, nothing is wrong with them")
        return
    added = decide_many(here, LimitAdd, limits=rows)["added"]
    click.echo(f"{len(rows)} limits read, {added} of them new")


def _problem(row: dict[str, str]) -> str:
    from hj212d.hub.decisions.limit_deeds import limit_of

    try:
        limit_of(row)
    except ValueError as fault:
        return str(fault)
    return ""


def _words(limit: dict[str, Any]) -> str:
    low, high = (_number(limit[name], limit["decimals"]) for name in ("low", "high"))
    match limit["op"]:
        case "ge":
            return f">= {low}"
        case "between":
            return f"{low} to {high}"
    return f"<= {high}"


def _number(number: float | None, decimals: int | None) -> str:
    if number is None:
        return ""
    return f"{number:g}" if decimals is None else f"{number:.{decimals}f}"
