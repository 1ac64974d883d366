"""Routes of the API about analysis: /api/analysis/rose, polar, patterns, share, calendar,
trend.

Tests: tests/hub/analysis/test_analysis_api.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Blueprint, Response, request

from admin.api_answers import json_answer
from admin.source import Row

_LISTS = ("factors", "edges")
_WORDS = {"from": "start", "to": "end", "by": "step", "critical": "level"}


class Analysis(Protocol):
    """Who counts. May block, but not for long; raises :class:`admin.source.NotAvailable`, or
    :class:`admin.commands.Declined` for a question that makes no sense."""

    def answer(self, what: str, asked: dict[str, Any]) -> Row:
        """What must be said of the rows, and the rows."""


def routes(analysis: Analysis) -> Callable[[Blueprint], None]:
    """What adds the routes to the API's blueprint. Queries have the names of the command line's
    options; factors of patterns and edges are repeated or joined by commas; times are ISO 8601,
    Beijing time where no zone is given."""

    def add(pages: Blueprint) -> None:
        @pages.get("/analysis/<what>")
        def analysed(what: str) -> Response:
            return json_answer(analysis.answer(what, _asked(what)))

    return add


def _asked(what: str) -> dict[str, Any]:
    """The query as fields of the question."""
    found: dict[str, Any] = {}
    for word, texts in request.args.lists():
        name = _WORDS.get(word, word)
        if name == "factor" and what == "patterns":
            name = "factors"
        if name in _LISTS:
            found[name] = [one for text in texts for one in text.split(",")]
        else:
            found[name] = texts[-1]
    return found
