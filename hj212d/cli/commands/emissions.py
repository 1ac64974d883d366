"""`hj212d emissions`: what stacks and works emit, with lost hours made up for.

Tests: tests/cli/test_assess_command.py.
"""

from __future__ import annotations

from datetime import datetime

import click

from hj212d.cli.here import Here, located
from hj212d.cli.output_options import output_options
from hj212d.cli.span_option import span_options

MEDIA = ("flue", "wastewater")


@click.command("emissions")
@located
@click.argument("mns", nargs=-1, metavar="[MN]...")
@span_options(days=1)
@click.option("--region", default="", help="Of stations whose region begins so.")
@click.option(
    "--medium", "media", type=click.Choice(MEDIA), multiple=True, help="Of these only; repeatable."
)
@click.option(
    "--by",
    type=click.Choice(["hour", "day", "month", "quarter", "span"]),
    default="day",
    show_default=True,
    help="How long a row is; span: all of it.",
)
@output_options
def command(
    here: Here,
    mns: tuple[str, ...],
    start: datetime,
    end: datetime,
    region: str,
    media: tuple[str, ...],
    by: str,
    form: str,
    output: str | None,
) -> None:
    """Kilograms of each pollutant: measured, made up for, and the instrument's own sums.

    Hours of flue gas that are lost are made up for by HJ 75 (media.make_up); hours that are
    missing all the same are counted, never taken as zero. Without a daemon the store is asked.
    """
    from hj212d.cli.answers import Answers
    from hj212d.cli.media_rows import print_emitted
    from hj212d.cli.quality_rows import write
    from hj212d.hub.media.questions import EmissionQuestion

    question = EmissionQuestion(
        by,  # type: ignore[arg-type]
        start,
        end,
        mns or None,
        region,
        media or MEDIA,
    )
    table = Answers(here).emissions(question)
    if form == "table":
        print_emitted(table, by)
    else:
        write(table, form, output)
