"""How the routes of alerts ask the desk and read what they are sent.

Tests: tests/admin/test_alerts_api.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, g, request

from admin.api_answers import body_as, json_answer, problem_answer
from admin.decisions import Decisions, Missing

Ask = Callable[..., Response]
_NAMES = {"from": "start", "to": "end", "for": "span"}


def asking(desk: Decisions) -> Ask:
    """What asks for a deed by its name, as whoever has the token; 404 when there is nothing of
    that name or number."""

    def ask(deed: str, said: dict[str, Any], code: int = 200) -> Response:
        try:
            return json_answer(desk.ask(deed, said, g.who), code)
        except Missing as problem:
            return problem_answer(404, str(problem))

    return ask


def fields() -> dict[str, Any]:
    """The body; nothing said is an empty one."""
    return body_as(dict[str, Any]) if request.content_length else {}


def times(asked: dict[str, Any]) -> dict[str, Any]:
    """ "from", "to" and "for", as the command line has them."""
    return {_NAMES.get(name, name): value for name, value in asked.items()}


def listed(asked: dict[str, Any], *names: str) -> dict[str, Any]:
    """Parts of the query that are lists: said several times, or with commas."""
    for name in names:
        if name in asked:
            parts = [part for text in request.args.getlist(name) for part in text.split(",")]
            asked[name] = [part for part in parts if part]
    return asked
