"""`hj212d evaluate`: the statistics of HJ 663 of places over a span.

Tests: tests/cli/test_quality_commands.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.output_options import output_options
from hj212d.cli.span_option import span_options

STANDARDS = ("auto", "old", "new", "GB3095-2012", "GB3095-2026-transition", "GB3095-2026-final")


@click.command("evaluate")
@located
@click.argument("places", nargs=-1, metavar="[PLACE]...")
@span_options(days=30)
@click.option(
    "--standard",
    type=click.Choice(STANDARDS),
    default="auto",
    show_default=True,
    help="Limits; auto: those of the last day.",
)
@click.option(
    "--class",
    "air_class",
    type=click.Choice(["1", "2"]),
    help="Class of limits.  [default: that of the site; of regions quality.region_class]",
)
@click.option("--method", default="", help="Of the composite index.  [default: quality.method]")
@click.option(
    "--events",
    type=click.Choice(["with", "without", "both"]),
    default="with",
    show_default=True,
    help="Hours of approved exceptional events.",
)
@click.option("--three-year", is_flag=True, help="Means of the year and the two before.")
@output_options
def command(
    here: Here,
    places: tuple[str, ...],
    start: datetime,
    end: datetime,
    air_class: str | None,
    three_year: bool,
    form: str,
    output: str | None,
    **asked: Any,
) -> None:
    """Means and percentiles against their limits, exceedance, days within the limit, composite
    index, good days.

    PLACE as in `hj212d airquality`; without one region:*. Without a daemon the store is asked.
    """
    from hj212d.cli.answers import Answers
    from hj212d.cli.quality_rows import print_evaluation, write
    from hj212d.hub.quality.questions import EvaluationQuestion

    question = EvaluationQuestion(
        places or ("region:*",),
        start=start,
        end=end,
        air_class={None: None, "1": 1, "2": 2}[air_class],
        years=3 if three_year else 1,
        **asked,
    )
    table = Answers(here).evaluate(question)
    if form == "table":
        print_evaluation(table)
    else:
        write(table, form, output)
