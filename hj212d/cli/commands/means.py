"""`hj212d means`: means of stations, ours beside the instruments'; and hours made anew.

Tests: tests/cli/test_means_command.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from aqi.means.calendar import ABOVE_DAY, Level
from hj212d.cli.here import Here, located
from hj212d.cli.refusal import Refusal
from hj212d.cli.times import time_option

LEVELS = ("minute", "hour", "day", *ABOVE_DAY)


class _WithDefault(click.Group):
    """`hj212d means MN` is `hj212d means show MN`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the usual command in front where none stands."""
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group("means", cls=_WithDefault)
def command() -> None:
    """Means of hours, days, ten days, weeks, months, quarters, years and free spans.

    `hj212d means MN...` shows them; `hj212d means recompute` has them made anew.
    """


@command.command("show")
@located
@click.argument("mns", nargs=-1, metavar="[MN]...")
@click.option("--region", default="", help="Of stations whose region begins so.")
@click.option("--factor", "factors", multiple=True, help="Of this factor; may be repeated.")
@click.option("--level", type=click.Choice(LEVELS), default="day", show_default=True)
@click.option(
    "--from",
    "start",
    type=time_option,
    metavar="TIME",
    help="Periods that reach behind this time; default yesterday.",
)
@click.option(
    "--to", "end", type=time_option, metavar="TIME", help="Periods that begin before; default now."
)
@click.option(
    "--span",
    metavar="SPAN",
    help="In place of --from and --to: 2026-10-10..22, 2026-10, 2026-Q4, 2026-10上旬, 2026-W41. "
    "With --level span all of it is one period.",
)
@click.option(
    "--stat", "stats", multiple=True, help="mean, zs, total, mda8, ...; may be repeated."
)
@click.option(
    "--side",
    type=click.Choice(["computed", "reported"]),
    help="Of the two sides, ours and the instrument's, this one only.",
)
@click.option("--compare", is_flag=True, help="The instrument's means against ours.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    default="table",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write it there.")
def show(
    here: Here,
    mns: Sequence[str],
    region: str,
    factors: Sequence[str],
    level: Level,
    start: datetime | None,
    end: datetime | None,
    span: str | None,
    stats: Sequence[str],
    side: str | None,
    compare: bool,
    form: str,
    as_json: bool,
    output: str | None,
) -> None:
    """Means as they are kept, with how many values they have and need, and why one does not count.

    A period that lies in part between --from and --to is shown whole. Without a daemon the store
    is asked.
    """
    form = "json" if as_json else form
    if form == "table" and output:
        raise Refusal("--format table is for the screen; a file takes csv, json or parquet")
    if compare and side:
        raise Refusal("--compare shows both sides; --side only one")
    from hj212d.cli.answers import Answers
    from hj212d.cli.meaning import bounds
    from hj212d.cli.means_rows import compared_rows, write_means
    from hj212d.hub.means.question import MeansQuestion

    first, behind = bounds(start, end, span)
    question = MeansQuestion(
        level,
        first,
        behind,
        tuple(mns) or None,
        tuple(factors) or None,
        tuple(stats) or None,
        computed_only=side == "computed",
        reported_only=side == "reported",
    )
    table = Answers(here).means(question, region)
    if compare:
        table = compared_rows(table)
    write_means(table, level, form, output)


@command.command("recompute")
@located
@click.option("--mn", "mns", multiple=True, help="Of this station; may be repeated.")
@click.option(
    "--from", "start", type=time_option, required=True, metavar="TIME", help="From this hour on."
)
@click.option(
    "--to", "end", type=time_option, required=True, metavar="TIME", help="To before this time."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def recompute(
    here: Here, mns: Sequence[str], start: datetime, end: datetime, as_json: bool
) -> None:
    """Have the daemon make hours and their days anew, of all stations or of some.

    Needed after a change of settings, or for what lies before the first hours that were made; late
    data, reviews and changed sites are followed without it. Rows that come out the same stay.
    """
    from hj212d.cli.answers import Answers
    from hj212d.cli.meaning import recompute as ask

    asked: dict[str, Any] = {"start": start.isoformat(), "end": end.isoformat()}
    hours = ask(Answers(here), **asked, mns=list(mns) or None)
    if as_json:
        import json

        print(json.dumps({"hours": hours}))
    elif hours:
        print(f"{hours} hours are made anew; hj212d status shows how many are left")
    else:
        print("none of these hours is over: they are made when they are")
