"""Routes of the API about air quality: /api/aqi, /api/evaluate, /api/rank.

Tests: tests/hub/quality/test_quality_desk.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Blueprint, Response, request

from admin.api_answers import json_answer
from admin.source import Row

_LISTS = ("places", "standards")
_FLAGS = ("compare", "changes")
_WORDS = {"from": "start", "to": "end", "place": "places", "standard": "standards"}


class AirQuality(Protocol):
    """Who reckons. May block, but not for long; raises :class:`admin.source.NotAvailable`, or
    :class:`admin.commands.Declined` for a question that makes no sense."""

    def rows(self, what: str, asked: dict[str, Any]) -> list[Row]:
        """Rows of "aqi", "evaluate" or "rank"."""


def routes(quality: AirQuality) -> Callable[[Blueprint], None]:
    """What adds the routes to the API's blueprint. Queries have the names of the command line's
    options; places and standards are repeated or joined by commas; times are ISO 8601, Beijing
    time where no zone is given."""

    def add(pages: Blueprint) -> None:
        @pages.get("/aqi")
        def aqi() -> Response:
            return json_answer({"rows": quality.rows("aqi", _asked("aqi"))})

        @pages.get("/evaluate")
        def evaluate() -> Response:
            return json_answer({"rows": quality.rows("evaluate", _asked("evaluate"))})

        @pages.get("/rank")
        def rank() -> Response:
            return json_answer({"rows": quality.rows("rank", _asked("rank"))})

    return add


def _asked(what: str) -> dict[str, Any]:
    """The query as fields of the question."""
    found: dict[str, Any] = {}
    for word, texts in request.args.lists():
        name = _WORDS.get(word, word)
        if name == "standards" and what != "rank":
            name = "standard"
        if name in _LISTS:
            found[name] = [one for text in texts for one in text.split(",")]
        elif name in _FLAGS:
            found[name] = texts[-1].lower() in ("", "1", "true", "yes")
        else:
            found[name] = texts[-1]
    return found
