"""`hj212d completeness`: what came of what was expected, by day or month.

Tests: tests/cli/test_completeness_command.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import Refusal
from hj212d.cli.times import time_option


@click.command("completeness")
@located
@click.option("--mn", help="Of this station only.")
@click.option("--region", default="", help="Of stations whose region begins so.")
@click.option(
    "--from",
    "start",
    type=time_option,
    default="yesterday",
    show_default=True,
    metavar="TIME",
    help="DataTime at or after.",
)
@click.option(
    "--to",
    "end",
    type=time_option,
    default="now",
    show_default=True,
    metavar="TIME",
    help="DataTime before.",
)
@click.option("--by", type=click.Choice(["day", "month"]), default="day", show_default=True)
@click.option(
    "--period",
    type=click.Choice(["minute", "hour", "day", "realtime"]),
    default="hour",
    show_default=True,
    help="Which data; supervision counts hours.",
)
@click.option("--factor", help="Of this factor only.")
@click.option("--summed", is_flag=True, help="The factors of a station added up.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    default="table",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write it there.")
def command(
    here: Here,
    start: datetime,
    end: datetime,
    by: str,
    form: str,
    as_json: bool,
    output: str | None,
    **asked: Any,
) -> None:
    """Transfer rate, validity rate and their product, of Beijing days or months.

    What was expected follows from the interval of the registry, else from what the station
    commonly sends; of today only what is over counts. Without a daemon the store is asked.
    """
    if start >= end:
        raise Refusal("--from must be before --to")
    form = "json" if as_json else form
    if form == "table" and output:
        raise Refusal("--format table is for the screen; a file takes csv, json or parquet")
    from hj212d.cli.completeness_rows import write_rates
    from hj212d.cli.completing import rates

    table = rates(here, start=start.isoformat(), end=end.isoformat(), by=by, **asked)
    write_rates(table, form, output, by)
