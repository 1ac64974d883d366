"""`hj212d bulletin`: what was published of the air: list, show, publish by hand.

Tests: tests/cli/test_bulletin_command.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import Refusal
from hj212d.cli.times import time_option

KINDS = click.Choice(["hour", "day", "ranking"])
_COLUMNS = ("kind", "period", "place", "name", "aqi", "level", "primary", "version", "published")


@click.group("bulletin")
def command() -> None:
    """What was published of the air: AQI of hours and days, rankings.

    One publication a period and place; when late data or a review change a published number, a
    correction is published as its next version.
    """


@command.command("list")
@located
@click.option("--kind", type=KINDS, help="Of this kind only.")
@click.option("--place", metavar="PLACE", help="Of this place only: an MN, region:330100.")
@click.option("--from", "start", type=time_option, metavar="TIME", help="Periods from then on.")
@click.option("--to", "end", type=time_option, metavar="TIME", help="Periods that begin before.")
@click.option("--versions", is_flag=True, help="All versions.  [default: the one that counts]")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the content.")
def listed(
    here: Here, start: datetime | None, end: datetime | None, as_json: bool, **asked: Any
) -> None:
    """Bulletins, the last published first."""
    import msgspec

    from hj212d.cli.publishing import bulletins
    from hj212d.cli.tables import print_table
    from hj212d.cli.times import show_iso

    rows = bulletins(here, start=_text(start), end=_text(end), **asked)
    if as_json:
        for row in rows:
            click.echo(msgspec.json.encode(row))
        return
    table = []
    for row in rows:
        said = row["content"]
        shown = [said.get(name, "") for name in ("name", "aqi", "category")]
        primary = ";".join(said.get("primary", []))
        version = f"{row['version']}, correction" if row["correction"] else row["version"]
        published = show_iso(row["published_at"])
        table.append(
            (row["kind"], said["period"], row["place"], *shown, primary, version, published)
        )
    print_table(_COLUMNS, table, right=("aqi",))


@command.command("show")
@located
@click.argument("kind", type=KINDS)
@click.argument("place")
@click.argument("start", type=time_option, metavar="START")
@click.option("--version", type=click.IntRange(1), help="This one.  [default: the newest]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(
    here: Here, kind: str, place: str, start: datetime, version: int | None, as_json: bool
) -> None:
    """One bulletin with its versions; START is the beginning of the period."""
    import msgspec

    from hj212d.cli.bulletin_text import print_bulletin
    from hj212d.cli.publishing import bulletin

    found = bulletin(here, kind=kind, place=place, start=_text(start), version=version or 0)
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    print_bulletin(found)


@command.command("publish")
@located
@click.argument("kind", type=KINDS)
@click.option("--from", "start", type=time_option, required=True, help="Periods from then on.")
@click.option("--to", "end", type=time_option, required=True, help="Periods that begin before.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def publish(here: Here, kind: str, start: datetime, end: datetime, as_json: bool) -> None:
    """Publish now all whole periods of a span that are over, however old.

    The running daemon does it, also where [bulletins] is off. What stands already stays; what
    has changed becomes a correction.
    """
    import msgspec

    from hj212d.cli.job_progress import job_progress
    from hj212d.cli.publishing import publish as ask

    if start >= end:
        raise Refusal("--from must be before --to")
    with job_progress(as_json=False) as tell:
        done = ask(here, kind, start, end, tell)
    if as_json:
        click.echo(msgspec.json.encode(done))
        return
    click.echo(f"{done['published']} published, {done['corrections']} corrected")


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
