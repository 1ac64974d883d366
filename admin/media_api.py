"""Routes of the API about media other than air: /api/assess, /api/emissions, /api/rivers.

Tests: tests/hub/media/test_media_desk.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Blueprint, Response, request

from admin.api_answers import json_answer
from admin.source import Row

_LISTS = ("mns", "media")
_FLAGS = ("exceeded_only", "percentiles")
_WORDS = {
    "from": "start",
    "to": "end",
    "mn": "mns",
    "medium": "media",
    "exceeded": "exceeded_only",
}


class OtherMedia(Protocol):
    """Who reckons. May block, but not for long; raises :class:`admin.source.NotAvailable`, or
    :class:`admin.commands.Declined` for a question that makes no sense."""

    def rows(self, what: str, asked: dict[str, Any]) -> list[Row]:
        """Rows of "assess", "emissions" or "rivers"."""


def routes(media: OtherMedia) -> Callable[[Blueprint], None]:
    """What adds the routes to the API's blueprint. Queries have the names of the command line's
    options; mn and medium are repeated or joined by commas; times are ISO 8601, Beijing time
    where no zone is given."""

    def add(pages: Blueprint) -> None:
        @pages.get("/assess")
        def assess() -> Response:
            return json_answer({"rows": media.rows("assess", _asked())})

        @pages.get("/emissions")
        def emissions() -> Response:
            return json_answer({"rows": media.rows("emissions", _asked())})

        @pages.get("/rivers")
        def rivers() -> Response:
            return json_answer({"rows": media.rows("rivers", _asked())})

    return add


def _asked() -> dict[str, Any]:
    """The query as fields of the question."""
    found: dict[str, Any] = {}
    for word, texts in request.args.lists():
        name = _WORDS.get(word, word)
        if name in _LISTS:
            found[name] = [one for text in texts for one in text.split(",")]
        elif name in _FLAGS:
            found[name] = texts[-1].lower() in ("", "1", "true", "yes")
        else:
            found[name] = texts[-1]
    return found
