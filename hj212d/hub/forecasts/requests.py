"""Requests of the control socket about forecasts, and of the API, which takes the same fields.

Tests: tests/hub/forecasts/test_forecast_desk.py.
"""

from __future__ import annotations

from typing import Literal

from hj212d.hub.requests import Limit, Request
from hj212d.hub.times import parse
from store.means import ForecastQuery

BEST = "best"


class Forecasts(Request):
    """Kept forecasts, as a table: by the "hour" rows of FORECASTS, by the "day" of FORECAST_DAYS.

    ``model`` "best": of each place and factor the one with the least error; "all" (hours only).
    Without ``issued_from`` the newest issue of each place and model; bounds are on the time that
    is forecast, end not included.
    """

    level: Literal["hour", "day"] = "day"
    place: str | None = None
    model: str = BEST
    factor: str | None = None
    start: str | None = None
    end: str | None = None
    issued_from: str | None = None
    issued_before: str | None = None
    limit: Limit = 1_000_000

    def meaning(self) -> ForecastQuery:
        """The query for the store; ValueError when a bound is no time."""
        if self.level == "day" and (self.model == "all" or self.factor):
            raise ValueError("days are judged from all factors of one model, or of the best")
        bounds = {
            name: None if text is None else parse(text)
            for name, text in (
                ("start", self.start),
                ("end", self.end),
                ("issued_from", self.issued_from),
                ("issued_before", self.issued_before),
            )
        }
        return ForecastQuery(
            place=self.place,
            model=None if self.model in (BEST, "all") else self.model,
            factor=self.factor,
            level="hour",
            newest=not (self.issued_from or self.issued_before),
            limit=self.limit,
            **bounds,
        )


class ForecastPut(Request):
    """Take forecasts into the store from a Parquet file of FORECASTS in the data folder."""

    path: str
