"""`hj212d analyse`: roses, patterns, shares of primary pollutants, calendars, trends of one place.

Tests: tests/cli/test_analyse_command.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal
from hj212d.cli.times import time_option

if TYPE_CHECKING:
    from hj212d.hub.analysis.answer_rows import Answer

_FORMS = ("png", "json", "csv")


@click.group("analyse")
def command() -> None:
    """Roses, patterns, shares, calendars and trends of one station or region."""


def _spanned(one: Callable[..., None]) -> Callable[..., None]:
    """The options that all kinds have."""
    for option in reversed(
        (
            located,
            click.option("--place", required=True, metavar="PLACE", help="MN or region:330100."),
            click.option("--from", "start", type=time_option, required=True, metavar="TIME"),
            click.option("--to", "end", type=time_option, default="now", metavar="TIME"),
            click.option(
                "--format",
                "form",
                type=click.Choice(_FORMS),
                help="[default: by --output, or csv]",
            ),
            click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
            click.option(
                "--output",
                type=click.Path(dir_okay=False),
                metavar="FILE",
                help="Write it there.  [default: standard output]",
            ),
            click.option("--title", default="", help="Of the picture."),
        )
    ):
        one = option(one)
    return one


@command.command("rose")
@_spanned
@click.option("--factor", default="", help="A pollution rose of it.  [default: a wind rose]")
@click.option("--polar", is_flag=True, help="Means of --factor by direction and speed.")
@click.option("--wind", default="", metavar="MN", help="Whose wind it is.  [default: --place]")
@click.option(
    "--calm-ms", type=click.FloatRange(0, 10), default=0.5, show_default=True, help="Calm below."
)
@click.option("--sectors", type=click.Choice(["8", "16", "36"]), default="16", show_default=True)
@click.option("--edges", metavar="1,2,5", help="Borders of the classes.")
def rose(here: Here, factor: str, polar: bool, edges: str | None, **asked: Any) -> None:
    """How often the wind comes from where, and what it brings.

    Hourly means of a01007 and a01008, directions as vectors; 16 sectors, north is one of them.
    """
    from hj212d.hub.analysis import asking
    from hj212d.hub.analysis.questions import PolarQuestion, RoseQuestion

    said = {"wind": asked["wind"], "sectors": int(asked["sectors"])}
    if edges is not None:
        said["edges"] = _borders(edges)
    if polar and not factor:
        raise Refusal("--polar shows means of a factor: name it with --factor")
    if polar:
        _answer(here, asked, asking.polar, PolarQuestion, factor=factor, **said)
    else:
        said["calm_ms"] = asked["calm_ms"]
        _answer(here, asked, asking.rose, RoseQuestion, factor=factor, **said)


@command.command("patterns")
@_spanned
@click.option("--factor", "factors", multiple=True, help="May be repeated.  [default: PM2.5]")
@click.option(
    "--cycle",
    type=click.Choice(["hour", "weekday", "month", "weekhour"]),
    default="hour",
    show_default=True,
    help="Through the day, the week, the year, the hours of the week.",
)
def patterns(here: Here, factors: tuple[str, ...], cycle: str, **asked: Any) -> None:
    """How values go through the day, the week and the year: means, quartiles, counts.

    Of hourly values; hours are labels 1 to 24 of Beijing time, the end of the hour.
    """
    from hj212d.hub.analysis import asking
    from hj212d.hub.analysis.questions import PatternQuestion

    given = factors or ("PM2.5",)
    _answer(here, asked, asking.pattern, PatternQuestion, factors=given, cycle=cycle)


@command.command("share")
@_spanned
@click.option("--level", type=click.Choice(["day", "hour"]), default="day", show_default=True)
@click.option(
    "--ties",
    type=click.Choice(["each", "shared"]),
    default="each",
    show_default=True,
    help="Several primary pollutants of one period count for each, or share it.",
)
@click.option("--above", type=click.Choice(["50", "100"]), default="50", show_default=True)
def share(here: Here, level: str, ties: str, above: str, **asked: Any) -> None:
    """How often which pollutant was primary, of days or hours with an AQI above 50 (or 100)."""
    from hj212d.hub.analysis import asking
    from hj212d.hub.analysis.questions import ShareQuestion

    said = {"level": level, "ties": ties, "above": int(above)}
    _answer(here, asked, asking.share, ShareQuestion, **said)


@command.command("calendar")
@_spanned
def calendar(here: Here, **asked: Any) -> None:
    """The AQI of each day as it may be published, month by month."""
    from hj212d.hub.analysis import asking
    from hj212d.hub.analysis.questions import CalendarQuestion

    _answer(here, asked, asking.calendar, CalendarQuestion)


@command.command("trend")
@_spanned
@click.option("--factor", default="PM2.5", show_default=True, help="A pollutant, or a code.")
@click.option(
    "--by",
    "step",
    type=click.Choice(["month", "quarter", "year"]),
    default="month",
    show_default=True,
    help="What one value stands for.",
)
@click.option(
    "--critical",
    "level",
    type=click.Choice(["5%", "1%"]),
    default="5%",
    show_default=True,
    help="Of Spearman's critical values.",
)
def trend(here: Here, factor: str, step: str, level: str, **asked: Any) -> None:
    """Whether months, quarters or years rise or fall, and by how much a year.

    Spearman's rank correlation with HJ 663's critical values, the test of Mann and Kendall, the
    slope of Theil and Sen. Of two years of months on, their season is taken off first.
    """
    from hj212d.hub.analysis.questions import TrendQuestion
    from hj212d.hub.analysis.trend_asking import trend_of

    _answer(here, asked, trend_of, TrendQuestion, factor=factor, step=step, level=level)


def _answer(
    here: Here,
    asked: dict[str, Any],
    ask: Callable[..., Answer],
    question: type,
    **said: Any,
) -> None:
    from hj212d.cli.report_source import ReportSource
    from hj212d.cli.times import naive_utc

    start: datetime = asked["start"]
    if start >= asked["end"]:
        raise Refusal("--from must be before --to")
    form = "json" if asked["as_json"] else asked["form"] or _by_name(asked["output"])
    if form == "png" and not asked["output"]:
        raise Refusal("a picture goes to a file: name it with --output")
    said |= {"place": asked["place"], "start": naive_utc(start), "end": naive_utc(asked["end"])}
    try:
        answer = ask(ReportSource(here), question(**said))
    except ValueError as problem:
        raise Refusal(str(problem)) from problem
    _write(here, asked, form, answer)


def _write(here: Here, asked: dict[str, Any], form: str, answer: Answer) -> None:
    from admin.fonts import NoFont
    from aqi.extras import ExtraMissing
    from hj212d.cli import analysis_files

    target = asked["output"]
    try:
        if form == "png":
            made = analysis_files.picture(here, asked, answer)
        elif form == "json":
            made = analysis_files.as_json(answer)
        else:
            made = analysis_files.as_csv(answer)
        if target:
            Path(target).write_bytes(made)
            click.echo(f"{target}: {len(made)} bytes")
        else:
            click.echo(made.decode(), nl=False)
    except (NoFont, ExtraMissing) as problem:
        raise Refusal(str(problem), NO) from problem
    except OSError as problem:
        raise Refusal(f"{target} cannot be written: {problem.strerror}", NO) from problem


def _by_name(output: str | None) -> str:
    suffix = Path(output or "").suffix.removeprefix(".").lower()
    if suffix and suffix not in _FORMS:
        raise Refusal(f"--output {output}: the format {suffix} is none of {', '.join(_FORMS)}")
    return suffix or "csv"


def _borders(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(one) for one in text.split(","))
    except ValueError:
        raise Refusal(f"--edges {text}: write numbers with commas, as 1,2,5") from None
