"""`hj212d export`: samples or means as a file, however many.

Tests: tests/system/test_reports.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal
from hj212d.cli.times import time_option

_LEVELS = ("minute", "hour", "day", "tenday", "week", "month", "quarter", "year")


@click.command("export")
@located
@click.argument("what", type=click.Choice(["samples", "means"]))
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="PLACE",
    help="MN, region:330100, stations:330100; may be given again.  [default: all sites]",
)
@click.option("--factor", "factors", multiple=True, help="This code only; may be repeated.")
@click.option("--period", metavar="PERIOD", help="2026, 2026-10, 2026-10-09, 2026-10-10..22.")
@click.option("--from", "start", type=time_option, metavar="TIME", help="In place of --period.")
@click.option("--to", "end", type=time_option, metavar="TIME", help="Its end, not included.")
@click.option(
    "--level",
    type=click.Choice(_LEVELS),
    default="hour",
    show_default=True,
    help="Of means.",
)
@click.option(
    "--data-period",
    type=click.Choice(["realtime", "minute", "hour", "day"]),
    default="hour",
    show_default=True,
    help="Of samples: as the instruments sent them.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "parquet", "xlsx"]),
    help="What file.  [default: by the name of --output, else csv]",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    required=True,
    help="Write it there.",
)
@click.option("--bom/--no-bom", default=True, show_default=True, help="CSV begins with a BOM.")
@click.option("--progress-json", is_flag=True, help="How far it is, as JSON lines.")
@click.option("--json", "as_json", is_flag=True, help="What was made, as JSON.")
def command(
    here: Here,
    what: str,
    form: str | None,
    output: Path,
    period: str | None,
    start: datetime | None,
    end: datetime | None,
    bom: bool,
    progress_json: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Write samples or means to a file: CSV, Parquet or Excel, piece by piece.

    Samples are what the instruments sent; means are what the platform made of them, with what the
    instruments said beside it, marks, and the version of the data. Numbers are not rounded.
    """
    form = form or output.suffix.removeprefix(".").lower() or "csv"
    if form not in ("csv", "parquet", "xlsx"):
        raise Refusal(f"--output {output}: the format {form} is none of csv, parquet, xlsx")
    from admin.exports import export_file
    from hj212d.cli.report_period import asked_period

    if start is not None and end is None:
        end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    grid: Any = "span" if period else "hour"
    begun, over = asked_period(grid, period, start, end, datetime.now(UTC))
    from hj212d.cli.job_progress import job_progress, say_line

    rows = 0
    try:
        with (
            job_progress(progress_json) as step,
            export_file(output, form, bom=bom) as sink,
        ):
            for table in _pieces(here, what, begun, over, step, asked):
                sink.write(table)
                rows += table.num_rows
    except ModuleNotFoundError as missing:
        raise Refusal(
            f"the format {form} needs {missing.name}: pip install 'hj212d[reports]'", NO
        ) from missing
    except OSError as problem:
        raise Refusal(f"{output} cannot be written: {problem.strerror}", NO) from problem
    made = {"file": str(output), "bytes": output.stat().st_size, "rows": rows, "title": what}
    if progress_json:
        say_line({"made": made})
    elif as_json:
        say_line(made)
    else:
        click.echo(f"{output}: {rows} rows, {made['bytes']} bytes")


def _pieces(here: Here, what: str, start: datetime, end: datetime, step: Any, asked: Any) -> Any:
    """The tables, one after the other."""
    from hj212d.cli import exporting
    from hj212d.cli.answers import Answers
    from hj212d.cli.report_source import ReportSource
    from hj212d.cli.reporting import stations_of

    answers = Answers(here)
    places = asked["places"]
    named = all(":" not in place for place in places)
    sites = [] if places and named else ReportSource(here).sites()
    mns = stations_of(places, sites)
    if what == "means":
        level, factors = asked["level"], asked["factors"]
        return exporting.means(answers.means, mns, factors, level, start, end, step)
    if mns is None:
        mns = tuple(str(site["mn"]) for site in sites)
    if not mns:
        raise Refusal("no station is known there", NO)
    return exporting.samples(
        answers.samples, mns, asked["factors"], asked["data_period"], start, end, step
    )
