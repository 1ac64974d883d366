"""`hj212d forecast`: the air of the next days: make, show, score, import.

Tests: tests/cli/test_forecast_command.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.output_options import output_options
from hj212d.cli.refusal import NO, Refusal
from hj212d.cli.times import time_option

_PLACES = click.argument("places", nargs=-1, metavar="[PLACE]...")
_MODELS = click.option(
    "--model",
    "models",
    multiple=True,
    metavar="MODEL",
    help="damped or mstl, beside the baselines; may be repeated.  [default: forecast.models]",
)
_PROGRESS = click.option("--progress-json", is_flag=True, help="How far it is, as JSON lines.")


@click.group("forecast")
def command() -> None:
    """The air of the next days, each forecast with the skill that its model has shown.

    A PLACE is an MN, region:330100, region:* or stations:*; without one those of
    forecast.places.
    """


@command.command("make")
@located
@_PLACES
@_MODELS
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep the rows in a Parquet file in the data folder, too.",
)
@_PROGRESS
@click.option("--json", "as_json", is_flag=True, help="What was made, as JSON.")
def make(
    here: Here,
    places: tuple[str, ...],
    models: tuple[str, ...],
    output: Path | None,
    progress_json: bool,
    as_json: bool,
) -> None:
    """Make the forecast of the coming whole days and keep it in the store.

    From the hours measured so far, by every model; each is tried on the last days first. That
    takes a tenth of a second for each series with mstl.
    """
    import msgspec

    from hj212d.cli.forecasting import Forecasting
    from hj212d.cli.job_progress import job_progress, say_line

    forecasting = Forecasting(here, datetime.now(UTC))
    with job_progress(progress_json) as step:
        table = forecasting.make(places, models, step)
        if not table.num_rows:
            raise Refusal("there is too little history for any model to say anything", NO)
        forecasting.keep(table, output)
    made = {
        "title": "空气质量预报",
        "rows": table.num_rows,
        "places": len(set(table["place"].to_pylist())),
        "models": sorted(set(table["model"].to_pylist())),
    }
    if progress_json:
        say_line({"made": made})
    elif as_json:
        click.echo(msgspec.json.encode(made))
    else:
        models_said = ", ".join(made["models"])
        click.echo(f"{made['rows']} hours of {made['places']} places kept, by {models_said}")


@command.command("show")
@located
@click.argument("place", required=False)
@click.option("--level", type=click.Choice(["day", "hour"]), default="day", show_default=True)
@click.option(
    "--model",
    default="best",
    show_default=True,
    help="best: of each pollutant the one with the least error; all: every one, by the hour.",
)
@click.option("--factor", help="By the hour: of this factor only, like a34004.")
@click.option("--from", "start", type=time_option, metavar="TIME", help="For hours from then on.")
@click.option("--to", "end", type=time_option, metavar="TIME", help="For hours before.")
@output_options
def show(
    here: Here,
    start: datetime | None,
    end: datetime | None,
    form: str,
    output: str | None,
    **asked: Any,
) -> None:
    """The newest forecast of each place, day by day with its AQI, or hour by hour.

    skill is 1 - error / error of the best baseline when the model was tried: 0 and less is no
    better than saying that tomorrow is as today.
    """
    from hj212d.cli.forecast_rows import write
    from hj212d.cli.forecasting import Forecasting

    bounds = {
        name: None if moment is None else moment.isoformat()
        for name, moment in (("start", start), ("end", end))
    }
    write(Forecasting(here, datetime.now(UTC)).kept(**asked, **bounds), form, output)


@command.command("score")
@located
@_PLACES
@_MODELS
@click.option(
    "--kept",
    "kept_days",
    type=click.IntRange(1, 366),
    metavar="DAYS",
    help="Forecasts that were kept in the last DAYS, imported ones included, against what came.",
)
@_PROGRESS
@output_options
def score(
    here: Here,
    places: tuple[str, ...],
    models: tuple[str, ...],
    kept_days: int | None,
    progress_json: bool,
    form: str,
    output: str | None,
) -> None:
    """Try the models by rolling origin: errors by pollutant and day ahead, skill, hits.

    Each model forecasts from each of the last days (forecast.trial_origins) without seeing what
    came. level_hits, primary_hits and range_hits are shares of days of the AQI.
    """
    from hj212d.cli.forecast_rows import write
    from hj212d.cli.forecasting import Forecasting
    from hj212d.cli.job_progress import job_progress

    forecasting = Forecasting(here, datetime.now(UTC))
    with job_progress(progress_json) as step:
        if kept_days is None:
            table = forecasting.score(places, models, step)
        else:
            table = forecasting.verify(places, kept_days, step)
    write(table, form, output)


@command.command("import")
@located
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--model", required=True, metavar="NAME", help="As what it is kept: cams, cmaq.")
@click.option(
    "--issued", type=time_option, metavar="TIME", help="[default: the first hour of the file]"
)
@click.option(
    "--correct",
    type=click.Choice(["line", "quantiles", "none"]),
    default="line",
    show_default=True,
    help="How earlier imports of the model, against what stations measured, correct it.",
)
@click.option("--json", "as_json", is_flag=True, help="What was read, as JSON.")
def imported(
    here: Here, file: Path, model: str, issued: datetime | None, correct: str, as_json: bool
) -> None:
    """Take a numerical model's NetCDF file (CAMS, CMAQ) as a forecast for the stations.

    Values of the grid at the coordinates of the stations are kept as NAME-raw and, corrected
    station by station, as NAME. Units and names of variables that are known stand in
    aqi/data/model_species.json.
    """
    import msgspec

    from hj212d.cli.forecasting import Forecasting
    from hj212d.cli.job_progress import job_progress

    if not model.isascii() or not model.replace("-", "").isalnum() or model.endswith("-raw"):
        raise Refusal(f"--model {model}: letters, digits and hyphens, not ending in -raw")
    forecasting = Forecasting(here, datetime.now(UTC))
    with job_progress(as_json=False) as step:
        table, notes = forecasting.read(file, model, issued, correct, step)
        if not table.num_rows:
            raise Refusal(f"{file.name}: no station lies in its grid at these hours", NO)
        forecasting.keep(table, None)
    stations = len(set(table["place"].to_pylist()))
    if as_json:
        said = {"rows": table.num_rows, "stations": stations, "notes": notes}
        click.echo(msgspec.json.encode(said))
        return
    click.echo(f"{table.num_rows} hours of {stations} stations kept")
    for note in notes:
        click.echo(note)
