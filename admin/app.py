"""The browser pages: overview, one station, quarantine. Read-only. The API is api.py's.

There is no login yet, so the daemon serves them on 127.0.0.1 unless `hub.http` says otherwise;
reach them from elsewhere through an SSH tunnel or a reverse proxy that asks who it is. The pages
need no script and load nothing from outside. Tests: tests/admin/test_pages.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, Flask, Response, abort, render_template, request

from admin import formats
from admin.api import api
from admin.commands import Commands
from admin.completeness import Completeness
from admin.source import SORTS, STATES, Listing, NotAvailable, Row, Source

REFRESH_S = 10
QUARANTINE_ROWS = 100
QUERY_TEXT_LIMIT = 100

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_app(
    source: Source,
    commands: Commands | None = None,
    api_tokens: Callable[[], Sequence[str]] = tuple,
    completeness: Completeness | None = None,
    more_api: Sequence[Callable[[Blueprint], object]] = (),
) -> Flask:
    """The WSGI application over a source; with the API under /api where ``commands`` are taken."""
    app = Flask("admin")
    if commands is not None:
        app.register_blueprint(api(commands, api_tokens, completeness, more_api))
    app.jinja_env.filters.update(
        beijing=formats.beijing,
        grouped=formats.grouped,
        reading=formats.reading,
        seconds=formats.seconds,
        size=formats.size,
        raw_text=formats.raw_text,
        raw_hex=formats.raw_hex,
    )

    @app.get("/")
    def overview() -> str:
        listing = Listing(
            find=request.args.get("q", "")[:QUERY_TEXT_LIMIT],
            state=_one_of(STATES, request.args.get("state"), ""),
            sort=_one_of(SORTS, request.args.get("sort"), "mn"),
            number=request.args.get("page", 1, type=int),
        )
        return render_template(
            "overview.html",
            refresh=REFRESH_S,
            status=source.status(),
            stations=source.stations(listing),
            listing=listing,
            help_lines=source.help_lines(),
        )

    @app.get("/station")
    def station() -> str:
        mn = request.args.get("mn", "")
        row = source.station(mn)
        if row is None:
            abort(404)
        rows, problem = _quarantine(source, mn, 20)
        return render_template(
            "station.html",
            refresh=REFRESH_S,
            station=row,
            readings=source.latest(mn),
            quarantine=rows,
            problem=problem,
            help_lines=source.help_lines(),
        )

    @app.get("/quarantine")
    def quarantine() -> str:
        rows, problem = _quarantine(source, None, QUARANTINE_ROWS)
        return render_template(
            "quarantine.html",
            refresh=0,
            quarantine=rows,
            problem=problem,
            help_lines=source.help_lines(),
        )

    @app.errorhandler(404)
    def not_found(_: Exception) -> tuple[str, int]:
        return render_template(
            "message.html", refresh=0, message="没有这个页面或站点 · Not found"
        ), 404

    @app.errorhandler(NotAvailable)
    def not_available(problem: NotAvailable) -> tuple[str, int]:
        return render_template("message.html", refresh=REFRESH_S, message=str(problem)), 503

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.update(SECURITY_HEADERS)
        return response

    return app


def _quarantine(source: Source, mn: str | None, limit: int) -> tuple[list[Row], str]:
    """Bad frames and "", or none and why: the rest of a page is shown without the store."""
    try:
        return source.quarantine(mn, limit), ""
    except NotAvailable as problem:
        return [], str(problem)


def _one_of(allowed: tuple[str, ...], asked: str | None, default: str) -> str:
    return asked if asked in allowed else default
