"""`hj212d assess`: flue gas, waste water, rivers, noise and dust against their limits.

Tests: tests/cli/test_assess_command.py.
"""

from __future__ import annotations

from datetime import datetime

import click

from hj212d.cli.here import Here, located
from hj212d.cli.output_options import output_options
from hj212d.cli.refusal import Refusal
from hj212d.cli.span_option import span_options

MEDIA = ("flue", "wastewater", "water", "noise", "dust")


@click.command("assess")
@located
@click.argument("mns", nargs=-1, metavar="[MN]...")
@span_options(days=1)
@click.option("--region", default="", help="Of stations whose region begins so.")
@click.option(
    "--medium", "media", type=click.Choice(MEDIA), multiple=True, help="Of these only; repeatable."
)
@click.option(
    "--level",
    type=click.Choice(["hour", "day", "month", "quarter", "year"]),
    default="hour",
    show_default=True,
)
@click.option("--exceeded", is_flag=True, help="Only what is above its limit.")
@click.option("--all", "everything", is_flag=True, help="Values without a limit, too.")
@click.option(
    "--rivers", is_flag=True, help="Rivers by their sections, which name them in water.river."
)
@click.option(
    "--percentiles",
    is_flag=True,
    help="L10, L50, L90 of noise from its readings, where it does not send them.",
)
@output_options
def command(
    here: Here,
    mns: tuple[str, ...],
    start: datetime,
    end: datetime,
    region: str,
    media: tuple[str, ...],
    level: str,
    exceeded: bool,
    everything: bool,
    rivers: bool,
    percentiles: bool,
    form: str,
    output: str | None,
) -> None:
    """Readings against the limits in force: an outlet's own, else the national ones.

    Flue gas is judged at the reference oxygen, waste water by flow-weighted means, a river's
    section gets its class, noise is judged by day and by night. Without MN all stations of these
    media. Which table, target class or zone holds is said with `hj212d site set`, own limits with
    `hj212d limit add`. Files have every value. Without a daemon the store is asked.
    """
    from hj212d.cli.answers import Answers
    from hj212d.cli.media_rows import print_assessed, print_rivers, write_rivers
    from hj212d.cli.quality_rows import write
    from hj212d.hub.media.questions import AssessQuestion, RiverQuestion

    if rivers:
        if exceeded or any(medium != "water" for medium in media):
            raise Refusal("--rivers are of water, and have no limits: leave --exceeded out")
        asked = RiverQuestion(level, start, end, mns or None, region)  # type: ignore[arg-type]
        found = Answers(here).rivers(asked)
        if form == "table":
            print_rivers(found, level)
        else:
            write_rivers(found, form, output)
        return
    question = AssessQuestion(
        level,  # type: ignore[arg-type]
        start,
        end,
        mns or None,
        region,
        media or MEDIA,
        exceeded,
        percentiles,
    )
    table = Answers(here).assess(question)
    if form == "table":
        print_assessed(table, level, everything=everything)
    else:
        write(table, form, output)
