"""`hj212d aqi`: concentrations of a CSV file into sub-indices, AQI, level, primary pollutants.

Tests: tests/cli/test_aqi_command.py.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, BinaryIO

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO

if TYPE_CHECKING:
    from aqi.standards import Mode
    from hj212d.cli.aqi_rows import AqiRows

_SHOWN_MARKS = 20


@click.command("aqi")
@located
@click.argument("file", type=click.File("rb"), metavar="FILE|-")
@click.option(
    "--standard",
    type=click.Choice(["auto", "HJ633-2012", "HJ633-2026"], case_sensitive=False),
    default="auto",
    show_default=True,
    help="auto: by the column standard, else by the date of each row.",
)
@click.option(
    "--mode",
    type=click.Choice(["daily", "hourly"]),
    help="For all rows.  [default: by the column mode]",
)
@click.option(
    "--exempt",
    multiple=True,
    type=click.Choice(["PM2.5", "PM10", "SO2", "NO2", "CO", "O3"]),
    help="Not monitored and shown not to matter (HJ 633-2026, 5.3.2); repeatable.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "table"]),
    default="csv",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_context
def command(
    context: click.Context,
    here: Here,  # noqa: ARG001
    file: BinaryIO,
    standard: str,
    mode: Mode | None,
    exempt: tuple[str, ...],
    form: str,
    as_json: bool,
) -> None:
    """Judge the concentrations of a CSV file.

    Columns, in ug/m3, CO in mg/m3: pm25, pm10, so2, no2, co, o3_1h, o3_8h, so2_24h; an empty
    cell is missing, "/" is not monitored. Columns standard, mode or a date (date, time) say what
    a row is; an option is for all rows and counts before them. Other columns pass through. A
    cell that is no concentration counts as missing, its row gets a mark, and the exit status
    is 1.
    """
    from aqi.standards import STANDARDS
    from hj212d.cli.aqi_rows import AqiRows

    rows = AqiRows(file.read(), STANDARDS.get(standard), mode, exempt)
    marks = _write(rows, "json" if as_json else form)
    sys.stdout.flush()
    for mark in marks[:_SHOWN_MARKS]:
        click.echo(f"hj212d aqi: {mark}", err=True)
    if len(marks) > _SHOWN_MARKS:
        click.echo(f"hj212d aqi: and {len(marks) - _SHOWN_MARKS} more such marks", err=True)
    if marks:
        context.exit(NO)


def _write(rows: AqiRows, form: str) -> list[str]:
    """Print the rows; the marks of all of them."""
    import csv

    import msgspec

    from hj212d.cli.tables import print_table

    marks: list[str] = []
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(rows.columns)
    kept = []
    for row in rows:
        marks += row.marks
        cells = [row.cells[column] for column in rows.columns]
        if form == "csv":
            writer.writerow(cells)
        elif form == "json":
            click.echo(msgspec.json.encode(dict(zip(rows.columns, cells, strict=True))))
        else:
            kept.append(cells)
    if form == "table":
        filled = [
            place
            for place in range(len(rows.columns))
            if any(cells[place] not in (None, "") for cells in kept)
        ]
        print_table(
            [rows.columns[place] for place in filled],
            [[cells[place] for place in filled] for cells in kept],
        )
    return marks
