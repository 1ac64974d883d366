"""`hj212d query`: values of one station as table, CSV, JSON or Parquet.

Tests: tests/cli/test_commands_live.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, cast

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import Refusal
from hj212d.cli.times import naive_utc, time_option

if TYPE_CHECKING:
    import pyarrow as pa

    from aqi.means.calendar import Level
    from hj212d.cli.answers import Answers

# As the stations send them; the period column of the store.
PERIODS = {"raw": "realtime", "minute": "minute", "hour": "hour", "day": "day"}
MADE_OF_DAYS = ("tenday", "week", "month", "quarter", "year")
STEPS: dict[str, Literal["hour", "day"]] = {"hour": "hour", "day": "day"}


@click.command("query")
@located
@click.option("--mn", required=True, help="The station.")
@click.option("--factor", help="Of this factor only.")
@click.option("--from", "start", type=time_option, metavar="TIME", help="DataTime at or after.")
@click.option("--to", "end", type=time_option, metavar="TIME", help="DataTime before.")
@click.option(
    "--level",
    type=click.Choice([*PERIODS, *MADE_OF_DAYS]),
    default="raw",
    show_default=True,
    help="raw: real-time values; minute, hour, day: as the station sent them; tenday, week, "
    "month, quarter, year: means of its days.",
)
@click.option(
    "--computed",
    type=click.Choice(["realtime", "minute", "hour", "ours"]),
    metavar="PERIOD",
    help="With --level hour or day: computed here from values of this period "
    "(realtime, minute, hour), not as the station sent them; ours: the means that count, "
    "as hj212d means shows them.",
)
@click.option("--limit", type=click.IntRange(1, 5_000_000), default=1_000_000, show_default=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    default="table",
    show_default=True,
)
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write it there.")
def command(
    here: Here,
    mn: str,
    factor: str | None,
    start: datetime | None,
    end: datetime | None,
    level: str,
    computed: str | None,
    limit: int,
    form: str,
    output: str | None,
) -> None:
    """Values of one station, as table or file.

    In order of DataTime, the newest where there are too many; bounds are Beijing time where no
    zone is given, the end is not included. rf: resent by the station; late: received longer than
    hub.late_after_s after the end of its period. Without a daemon the store is asked.
    """
    if computed and level not in STEPS:
        raise Refusal(f"--computed goes with --level {' or '.join(STEPS)}")
    if form == "table" and output:
        raise Refusal("--format table is for the screen; a file takes csv, json or parquet")
    from hj212d.cli import sample_rows
    from hj212d.cli.answers import Answers
    from hj212d.cli.frame_rows import say_if_cut
    from store.timeseries import AggregateQuery, SampleQuery

    bounds = naive_utc(start), naive_utc(end)
    answers = Answers(here)
    if level in MADE_OF_DAYS or computed == "ours":
        table = _means(answers, cast("Level", level), mn, factor, bounds)
        table = table.slice(max(0, table.num_rows - limit))
    elif computed:
        query = AggregateQuery(mn, factor, STEPS[level], *bounds, computed, limit)
        table = answers.aggregates(query)
    else:
        table = answers.samples(SampleQuery(mn, factor, *bounds, PERIODS[level], limit))
        table = sample_rows.with_late(table, here.config().hub.late_after_s)
    sample_rows.write(table, form, output)
    say_if_cut(table, limit)


def _means(
    answers: Answers,
    level: Level,
    mn: str,
    factor: str | None,
    bounds: tuple[datetime | None, datetime | None],
) -> pa.Table:
    """Rows of MEANS; without bounds all there are."""
    from hj212d.hub.means.question import MeansQuestion

    start, end = bounds
    return answers.means(
        MeansQuestion(
            level,
            start or datetime(2000, 1, 1),
            end or datetime.now(UTC).replace(tzinfo=None),
            (mn,),
            (factor,) if factor else None,
        )
    )
