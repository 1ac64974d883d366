"""`hj212d map`: a pollutant or the AQI between stations, as picture, contours or numbers.

Tests: tests/cli/test_map_command.py.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal
from hj212d.cli.times import BEIJING, show_time, time_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aqi.maps.picture import Dress
    from hj212d.cli.job_progress import Step
    from hj212d.cli.mapping import Sheet, Wanted

_MADE_WITHIN_S = 60.0
_FORMS = ("png", "geojson", "json", "npz")
_MOST_APNG = 72  # it is built from all frames at once, 10 MB each
_MOVING = {".gif": "gif", ".png": "png", ".apng": "png"}


@click.command("map")
@located
@click.option(
    "--factor", default="aqi", show_default=True, help="aqi, PM2.5, PM10, SO2, NO2, CO, O3."
)
@click.option(
    "--at",
    "moment",
    type=time_option,
    metavar="TIME",
    help="The hour that ends then (or is running), or the day.  [default: the last one made]",
)
@click.option("--from", "start", type=time_option, metavar="TIME", help="With --frames.")
@click.option("--to", "end", type=time_option, metavar="TIME", help="With --frames.")
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="PLACE",
    help="Stations of region:330100, or an MN; may be given again.  [default: all stations]",
)
@click.option("--level", type=click.Choice(["hour", "day"]), default="hour", show_default=True)
@click.option("--method", type=click.Choice(["idw", "kriging"]), default="idw", show_default=True)
@click.option("--log", is_flag=True, help="Krige the logarithm: for skewed values of particles.")
@click.option("--cell-m", type=float, metavar="M", help="Width of a cell.  [default: 200 across]")
@click.option(
    "--buffer-m",
    type=float,
    metavar="M",
    help="Shown so far beyond the stations.  [default: their median distance]",
)
@click.option("--plane", type=click.Choice(["utm", "cgcs2000"]), default="utm", show_default=True)
@click.option(
    "--standard",
    type=click.Choice(["auto", "HJ633-2012", "HJ633-2026"], case_sensitive=False),
    default="auto",
    show_default=True,
)
@click.option("--events", type=click.Choice(["with", "without"]), default="with")
@click.option(
    "--style",
    type=click.Choice(["levels", "smooth"]),
    default="levels",
    show_default=True,
    help="One colour a level, or colours that run into each other.",
)
@click.option(
    "--borders",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="GeoJSON whose lines are laid over the picture.",
)
@click.option("--title", default="", help="Of the picture.")
@click.option("--format", "form", type=click.Choice(_FORMS), help="[default: by --output, or png]")
@click.option(
    "--output",
    type=click.Path(),
    metavar="FILE",
    help='Write it there; "-": standard output. With --frames a folder, or a .gif or .png.',
)
@click.option("--frames", is_flag=True, help="Every hour or day from --from to --to.")
@click.option(
    "--animation",
    type=click.Choice(["gif", "png"]),
    default="gif",
    show_default=True,
    help="The moving picture of a folder of frames; png has more colours.",
)
@click.option("--frame-ms", type=click.IntRange(20, 10_000), default=500, show_default=True)
@click.option("--progress-json", is_flag=True, help="A JSON line a step, for programs.")
@click.option("--json", "as_json", is_flag=True, help="What was made as one JSON object.")
def command(here: Here, as_json: bool, progress_json: bool, **asked: Any) -> None:
    """Interpolate between stations: a map of the AQI or of a pollutant.

    Concentrations are interpolated in a plane, then judged; the AQI itself never is. Each map
    says the error that leaving out each station shows, and what is weak about it. Nothing is
    shown beyond the network. Kriging needs eight stations; with fewer it is inverse distance.
    """
    if asked["frames"] != bool(asked["start"] or asked["end"]):
        raise Refusal("--from and --to go with --frames, one map with --at")
    if asked["frames"] and (asked["moment"] or not (asked["start"] and asked["end"])):
        raise Refusal("--frames needs --from and --to, and no --at")
    if asked["frames"] and asked["form"] not in (None, "png"):
        raise Refusal("--frames makes pictures: leave --format out")
    from hj212d.cli.job_progress import job_progress

    with job_progress(progress_json) as step:
        made = _make(here, asked, step)
    _say(made, as_json, progress_json)


def _make(here: Here, asked: dict[str, Any], step: Step) -> dict[str, Any]:
    from admin.fonts import NoFont
    from aqi.extras import ExtraMissing
    from aqi.maps.atlas import Atlas, Choice
    from hj212d.cli.mapping import read, sheets
    from hj212d.cli.report_source import ReportSource

    wanted = _wanted(asked, here.config().means.grace_s)
    form = asked["form"] or _by_name(asked["output"])
    target = _target(asked, wanted, form)
    drawn = asked["frames"] or form == "png"
    try:
        dress = _dresser(here, asked, wanted) if drawn else _undressed
        step("查询数据", 0, 1)
        measured = read(ReportSource(here), wanted)
        atlas = Atlas(
            measured.names,
            measured.lon,
            measured.lat,
            cell_m=asked["cell_m"],
            buffer_m=asked["buffer_m"],
            plane=asked["plane"],
        )
        choice = Choice(asked["method"], asked["log"], with_sigma=not drawn)
        made = _counted(sheets(wanted, measured, atlas, choice), len(measured.starts), step)
        return _write(asked, wanted, form, target, made, dress)
    except (NoFont, ExtraMissing, ValueError) as problem:
        raise Refusal(str(problem), NO) from problem
    except OSError as problem:
        raise Refusal(f"{target} cannot be written: {problem.strerror}", NO) from problem


def _wanted(asked: dict[str, Any], grace_s: float) -> Wanted:
    from hj212d.cli import mapping

    level = asked["level"]
    if asked["frames"]:
        start, end = mapping.periods_between(level, asked["start"], asked["end"])
    elif asked["moment"]:
        start, end = mapping.period_at(level, asked["moment"])
    else:
        # Means of an hour stand there a moment after its grace: before, it has no map.
        made = datetime.now(UTC) - timedelta(seconds=grace_s + _MADE_WITHIN_S)
        running, _ = mapping.period_at(level, made)
        length = mapping.LENGTHS[level]
        start, end = running - length, running
    return mapping.Wanted(
        mapping.what_of(asked["factor"]),
        level,
        start,
        end,
        mapping.stations_in(asked["places"]),
        asked["standard"],
        asked["events"],
    )


def _write(
    asked: dict[str, Any],
    wanted: Wanted,
    form: Any,
    target: str,
    made: Iterator[Sheet],
    dress: Callable[[Sheet], Dress],
) -> dict[str, Any]:
    from hj212d.cli import map_files
    from hj212d.cli.mapping import label_of

    if asked["frames"]:
        kind = _MOVING.get(Path(target).suffix.lower(), asked["animation"])
        count = map_files.sequence(wanted, made, dress, Path(target), kind, asked["frame_ms"])
        title = asked["title"] or f"{wanted.what} {show_time(wanted.start)}"
        return {"file": target, "title": title, "what": wanted.what, "frames": count}
    sheet = next(made)
    label = label_of(wanted.level, sheet)
    if not any(value == value for value in sheet.surface.measured):
        raise Refusal(f"no station has a value for a map of {wanted.what} at {label}", NO)
    written = map_files.one_file(form, wanted, sheet, dress)
    if target == "-":
        sys.stdout.buffer.write(written)
    else:
        Path(target).write_bytes(written)
    surface = sheet.surface
    return {
        "file": target,
        "title": asked["title"] or f"{wanted.what} {label}",
        "bytes": len(written),
        "what": wanted.what,
        "label": label,
        "stations": len(surface.names),
        "method": surface.how[1],
        "leave_one_out": surface.score.as_json(),
        "unit": surface.unit,
        "notes": [note.english() for note in surface.notes],
    }


def _dresser(here: Here, asked: dict[str, Any], wanted: Wanted) -> Callable[[Sheet], Dress]:
    from admin.fonts import find_font
    from aqi.maps.picture import Dress, borders_of
    from hj212d.cli.mapping import label_of

    font = find_font(here.config().reports.font).for_matplotlib()
    borders = asked["borders"]
    lines = borders_of(Path(borders).read_text("utf-8")) if borders else ()
    words = "小时均值" if wanted.level == "hour" else "日均值"
    if wanted.what == "AQI":
        words = "实时报" if wanted.level == "hour" else "日报"
    elif wanted.what == "O3" and wanted.level == "day":
        words = "日最大 8 小时滑动平均"

    def dress(sheet: Sheet) -> Dress:
        label = label_of(wanted.level, sheet)
        when = f"{label}（北京时间）{words}"
        return Dress(font, asked["title"], when, asked["style"], lines)

    return dress


def _undressed(_: Sheet) -> Dress:
    raise AssertionError("numbers need no font")


def _counted(made: Iterator[Sheet], count: int, step: Step) -> Iterator[Sheet]:
    for number, sheet in enumerate(made):
        step("绘制地图", number, count)
        yield sheet
    step("绘制地图", count, count)


def _by_name(output: str | None) -> str:
    suffix = Path(output or "").suffix.removeprefix(".").lower()
    if not suffix:
        return "geojson" if output == "-" else "png"
    if suffix not in _FORMS and f".{suffix}" not in _MOVING:
        raise Refusal(f"--output {output}: the format {suffix} is none of {', '.join(_FORMS)}")
    return suffix


def _target(asked: dict[str, Any], wanted: Wanted, form: str) -> str:
    if asked["frames"]:
        output = asked["output"] or _name(wanted, "frames")
        suffix = Path(output).suffix.lower()
        if suffix and suffix not in _MOVING:
            raise Refusal(f"--output {output}: frames go to a folder, or into a .gif or .png")
        if _MOVING.get(suffix, asked["animation"]) == "png" and wanted.times > _MOST_APNG:
            raise Refusal(
                f"{wanted.times} frames are too many for an APNG, which takes {_MOST_APNG}: "
                "make it a GIF"
            )
        return str(output)
    return asked["output"] or f"{_name(wanted, 'map')}.{form}"


def _name(wanted: Wanted, kind: str) -> str:
    """map_PM2.5_2026030508: by the label that people see; the end of an hour."""
    begun = wanted.start.replace(tzinfo=UTC).astimezone(BEIJING)
    hour = f"{begun.hour + 1:02}" if wanted.level == "hour" else ""
    return f"{kind}_{wanted.what}_{begun:%Y%m%d}{hour}".replace(".", "")


def _say(made: dict[str, Any], as_json: bool, progress_json: bool) -> None:
    from hj212d.cli.job_progress import say_line

    if made["file"] == "-":
        return
    if progress_json:
        say_line({"made": made})
    elif as_json:
        say_line(made)
    elif "frames" in made:
        click.echo(f"{made['file']}: {made['frames']} frames of {made['what']}")
    else:
        _say_one(made)


def _say_one(made: dict[str, Any]) -> None:
    error = made["leave_one_out"]
    unit = f" {made['unit']}" if made["unit"] else ""
    click.echo(
        f"{made['file']}: {made['what']} of {made['label']}, {made['stations']} stations, "
        f"{made['method']}"
    )
    if error["n"]:
        click.echo(
            f"leave one out: RMSE {error['rmse']:.1f}{unit}, MAE {error['mae']:.1f}{unit}, "
            f"bias {error['bias']:+.1f}{unit} at {error['n']} stations"
        )
    for note in made["notes"]:
        click.echo(f"  {note}")
