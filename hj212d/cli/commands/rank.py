"""`hj212d rank`: places in order of their air, over any span.

Tests: tests/cli/test_quality_commands.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from hj212d.cli.commands.evaluate import STANDARDS
from hj212d.cli.here import Here, located
from hj212d.cli.output_options import output_options
from hj212d.cli.span_option import span_options


@click.command("rank")
@located
@click.argument("places", nargs=-1, metavar="[PLACE]...")
@span_options(days=7)
@click.option(
    "--by",
    "key",
    type=click.Choice(["index", "good_days", "pm25", "pm10", "so2", "no2", "co", "o3"]),
    default="index",
    show_default=True,
    help="What places are put in order by.",
)
@click.option(
    "--standard",
    "standards",
    type=click.Choice(STANDARDS),
    multiple=True,
    help="Limits; repeatable, a ranking for each.  [default: auto, those of the last day]",
)
@click.option("--method", default="", help="Of the composite index.  [default: quality.method]")
@click.option(
    "--basis",
    type=click.Choice(["day", "month"]),
    default="day",
    show_default=True,
    help="Period means of day means, or of month means.",
)
@click.option("--within-region", is_flag=True, help="Each region by itself.")
@click.option(
    "--over-time",
    "step",
    type=click.Choice(["day", "tenday", "week", "month", "quarter", "year"]),
    help="Each place against itself: its days, weeks, ... in order.",
)
@click.option("--changes", is_flag=True, help="The order of change against last year, too.")
@click.option("--compare/--no-compare", default=True, help="With the span before and last year.")
@click.option(
    "--events",
    type=click.Choice(["with", "without"]),
    default="with",
    show_default=True,
    help="Hours of approved exceptional events.",
)
@output_options
def command(
    here: Here,
    places: tuple[str, ...],
    start: datetime,
    end: datetime,
    standards: tuple[str, ...],
    within_region: bool,
    step: str | None,
    form: str,
    output: str | None,
    **asked: Any,
) -> None:
    """Rank places: equal values share a rank, the next is left out.

    PLACE as in `hj212d airquality`; without one region:*. A place with too few valid days has no
    rank, and the mark says of what. Without a daemon the store is asked.
    """
    import msgspec

    from hj212d.cli.answers import Answers
    from hj212d.cli.quality_rows import print_ranking, write
    from hj212d.cli.refusal import Refusal
    from hj212d.hub.quality.questions import RankQuestion

    if within_region and step:
        raise Refusal("--within-region and --over-time exclude each other")
    scope = "time" if step else "region" if within_region else "all"
    said = {"places": places or ("region:*",), "start": start, "end": end, **asked}
    said |= {"standards": standards or ("auto",), "scope": scope, "step": step or "month"}
    question = msgspec.convert(said, RankQuestion)
    table = Answers(here).rank(question)
    if form == "table":
        print_ranking(table, over_time=step is not None)
    else:
        write(table, form, output)
