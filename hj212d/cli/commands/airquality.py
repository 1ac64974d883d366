"""`hj212d airquality`: the AQI of stations and regions, hour by hour or day by day.

Tests: tests/cli/test_quality_commands.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.output_options import output_options
from hj212d.cli.span_option import span_options


@click.command("airquality")
@located
@click.argument("places", nargs=-1, metavar="[PLACE]...")
@span_options(days=1)
@click.option(
    "--level",
    type=click.Choice(["hour", "day"]),
    default="day",
    show_default=True,
    help="Hours or days.",
)
@click.option(
    "--standard",
    type=click.Choice(["auto", "HJ633-2012", "HJ633-2026"]),
    default="auto",
    show_default=True,
    help="auto: by the date of the data.",
)
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
    form: str,
    output: str | None,
    **asked: Any,
) -> None:
    """AQI, level, primary pollutants and concentrations of places.

    A PLACE is an MN, region:330100, region:* (all regions one level below the one that holds
    all stations), region:330000* (those below that one), stations:* or stations:330100; without
    one stations:*. A region is the mean of its assessed sites. An AQI in brackets may not be
    published. Without a daemon the store is asked.
    """
    from hj212d.cli.answers import Answers
    from hj212d.cli.quality_rows import print_aqi, write
    from hj212d.hub.quality.questions import AqiQuestion

    question = AqiQuestion(places or ("stations:*",), start=start, end=end, **asked)
    table = Answers(here).aqi(question)
    if form == "table":
        print_aqi(table, question.level)
    else:
        write(table, form, output)
