"""The route of the API about forecasts: GET /api/forecasts.

Tests: tests/hub/forecasts/test_forecast_desk.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Blueprint, Response, request

from admin.api_answers import json_answer
from admin.source import Row

_WORDS = {"from": "start", "to": "end"}


class Forecasts(Protocol):
    """Who knows. May block, but not for long; raises :class:`admin.source.NotAvailable` or
    :class:`admin.commands.Declined`."""

    def rows(self, asked: dict[str, Any]) -> list[Row]:
        """Kept forecasts by the hour or day."""


def routes(forecasts: Forecasts) -> Callable[[Blueprint], None]:
    """What adds the route: level (day, hour), place, model, factor, from, to; moments in ISO
    8601, Beijing time where no zone is given."""

    def add(pages: Blueprint) -> None:
        @pages.get("/forecasts")
        def kept() -> Response:
            asked = {_WORDS.get(name, name): text for name, text in request.args.items()}
            return json_answer({"rows": forecasts.rows(asked)})

    return add
