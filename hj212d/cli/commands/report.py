"""`hj212d report`: reports of hours, days, ten days, weeks, months, quarters, years, free spans.

Tests: tests/cli/test_report_command.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hj212d.cli.here import Here, located
from hj212d.cli.refusal import NO, Refusal
from hj212d.cli.times import time_option

if TYPE_CHECKING:
    from admin.reports.template import Found

KINDS = ("hour", "day", "tenday", "week", "month", "quarter", "year", "span")
_FORMS = ("xlsx", "docx", "pdf", "csv", "png", "jpg", "json")
_USUAL = {
    "hour": "air-hour",
    "day": "air-day",
    "tenday": "air-week",
    "week": "air-week",
    "quarter": "air-year",
    "year": "air-year",
}


@click.command("report")
@located
@click.argument("kind", type=click.Choice(KINDS), required=False)
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="PLACE",
    help="MN, region:330100, region:* (one level below), stations:* or stations:330100; may be "
    "given again.  [default: stations:*]",
)
@click.option("--factor", "factors", multiple=True, help="Of means: this code; may be repeated.")
@click.option(
    "--period",
    metavar="PERIOD",
    help="2026, 2026-Q4, 2026-10, 2026-10上旬, 2026-W41, 2026-10-09, 2026-10-10..22.  "
    "[default: the last one that is over]",
)
@click.option("--from", "start", type=time_option, metavar="TIME", help="In place of --period.")
@click.option("--to", "end", type=time_option, metavar="TIME", help="Its end, not included.")
@click.option(
    "--template",
    "name",
    metavar="NAME",
    help="What it looks like.  [default: air-hour, air-day, air-week, air-period or air-year, by "
    "KIND]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    help="What file.  [default: by the name of --output, else xlsx]",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option(
    "--standard",
    type=click.Choice(["auto", "old", "new"]),
    default="auto",
    show_default=True,
    help="By the date of the data, or always that until or that from 2026-03-01.",
)
@click.option(
    "--events",
    type=click.Choice(["with", "without"]),
    default="with",
    show_default=True,
    help="Whether hours of approved exceptional events count.",
)
@click.option("--bom/--no-bom", default=True, show_default=True, help="CSV begins with a BOM.")
@click.option("--list", "listed", is_flag=True, help="Which templates there are.")
@click.option("--show-template", metavar="NAME", help="Print a template, to start one from.")
@click.option("--progress-json", is_flag=True, help="How far it is, as JSON lines.")
@click.option("--json", "as_json", is_flag=True, help="What was made, or the list, as JSON.")
def command(
    here: Here,
    kind: Any,
    name: str | None,
    form: str | None,
    output: Path | None,
    listed: bool,
    show_template: str | None,
    as_json: bool,
    period: str | None,
    start: datetime | None,
    end: datetime | None,
    bom: bool,
    progress_json: bool,
    **asked: Any,
) -> None:
    """Make a report as a file: Excel, Word, PDF, CSV, PNG, JPG or JSON.

    KIND says of which period: hour, day, tenday (旬), week, month, quarter, year or span. What
    stands in it a template says; templates of your own lie in the folder reports.templates. A
    number that does not count is marked, a missing one says why.
    """
    from admin.reports.template import BadTemplate, load

    settings = here.config().reports
    try:
        if listed:
            _print_list(settings.templates, as_json)
            return
        if show_template:
            click.echo(load(show_template, settings.templates).text, nl=False)
            return
        if kind is None:
            raise Refusal(f"which KIND of report: {', '.join(KINDS)}? Or --list, --show-template")
        found = load(name or _USUAL.get(kind, "air-period"), settings.templates)
    except BadTemplate as problem:
        raise Refusal(str(problem)) from problem
    if kind not in found.template.kinds:
        raise Refusal(
            f"template {found.name} is for {', '.join(found.template.kinds)}, not for {kind}: "
            "hj212d report --list says which there are"
        )
    from hj212d.cli.report_period import asked_period, file_label
    from hj212d.cli.reporting import Wish

    now = datetime.now(UTC)
    begun, over = asked_period(kind, period, start, end, now)
    form = form or _by_name(output)
    target = output or Path(f"{found.name}-{file_label(kind, begun, over)}.{form}")
    wish = Wish(
        kind=kind,
        start=begun,
        end=over,
        places=asked["places"],
        factors=asked["factors"],
        standard=asked["standard"],
        events=asked["events"],
    )
    made = _make(here, found, wish, now, form, target, bom, progress_json)
    _say(made, as_json, progress_json)


def _make(
    here: Here,
    found: Found,
    wish: Any,
    now: datetime,
    form: str,
    target: Path,
    bom: bool,
    progress_json: bool,
) -> dict[str, Any]:
    from admin.fonts import NoFont, find_font
    from admin.reports.building import build
    from admin.reports.rendering import DRAWN, CannotRender, Options, render
    from hj212d.cli.job_progress import job_progress
    from hj212d.cli.report_source import ReportSource
    from hj212d.cli.reporting import collect

    frame = getattr(found.template, form, "") if form in ("docx", "xlsx") else ""
    try:
        # Before the questions: a report that cannot be drawn is refused at once.
        font = find_font(here.config().reports.font) if form in DRAWN else None
        folder = found.folder or Path()
        options = Options(font, bom, folder / frame if frame else None)
        with job_progress(progress_json) as step:
            data = collect(ReportSource(here), found.template, wish, now, step)
            document = build(found, data)
            render(
                document, form, target, options, lambda done, all_: step("生成文件", done, all_)
            )
    except (NoFont, CannotRender) as problem:
        raise Refusal(str(problem), NO) from problem
    except ModuleNotFoundError as missing:
        raise Refusal(
            f"reports need {missing.name}: pip install 'hj212d[reports]'", NO
        ) from missing
    except OSError as problem:
        raise Refusal(f"{target} cannot be written: {problem.strerror}", NO) from problem
    return {
        "file": str(target),
        "bytes": target.stat().st_size,
        "title": document.title,
        "rows": sum(len(table.rows) for table in document.tables),
        "template": found.name,
    }


def _by_name(output: Path | None) -> str:
    suffix = output.suffix.removeprefix(".").lower() if output else ""
    if not suffix:
        return "xlsx"
    suffix = "jpg" if suffix == "jpeg" else suffix
    if suffix not in _FORMS:
        raise Refusal(f"--output {output}: the format {suffix} is none of {', '.join(_FORMS)}")
    return suffix


def _say(made: dict[str, Any], as_json: bool, progress_json: bool) -> None:
    from hj212d.cli.job_progress import say_line

    if progress_json:
        say_line({"made": made})
    elif as_json:
        say_line(made)
    else:
        click.echo(f"{made['file']}: {made['title']}, {made['rows']} rows, {made['bytes']} bytes")


def _print_list(folder: str, as_json: bool) -> None:
    from admin.reports.template import load, names
    from hj212d.cli.job_progress import say_line
    from hj212d.cli.tables import print_table

    rows = []
    for name, home in names(folder).items():
        template = load(name, folder).template
        kinds = ",".join(template.kinds)
        rows.append((name, kinds, "own" if home else "shipped", template.about))
    if as_json:
        for name, kinds, origin, about in rows:
            say_line({"name": name, "kinds": kinds.split(","), "origin": origin, "about": about})
        return
    print_table(["name", "kinds", "origin", "about"], rows)
