"""Requests of the control socket about air quality, and of the API, which takes the same fields.

Tests: tests/hub/quality/test_quality_desk.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from aqi.means.calendar import span_of
from hj212d.hub.quality.questions import (
    AqiQuestion,
    AqiStandard,
    EvaluationQuestion,
    Events,
    Key,
    RankQuestion,
    Standard,
)
from hj212d.hub.quality.readings import moment
from hj212d.hub.requests import Request
from hj212d.hub.times import parse

Named = Annotated[tuple[str, ...], Meta(min_length=1, max_length=10_000)]


class Spanned(Request):
    """What is asked of places over a time: ``start`` and ``end``, or ``span`` as people write it
    (2026-10, 2026-10-10..22, 2026-Q4)."""

    places: Named
    start: str = ""
    end: str = ""
    span: str = ""

    def bounds(self) -> tuple[datetime, datetime]:
        """Naive UTC. ValueError: neither or both are said, or one is no time."""
        if self.span and not (self.start or self.end):
            begun, over = span_of(self.span)
            return moment(begun), moment(over)
        if self.span or not (self.start and self.end):
            raise ValueError("a start and an end are needed, or a span")
        return parse(self.start), parse(self.end)


class Aqi(Spanned):
    """The AQI of places, as a table: rows of AQI_ROWS."""

    level: Literal["hour", "day"] = "hour"
    standard: AqiStandard = "auto"
    events: Events = "with"

    def meaning(self) -> AqiQuestion:
        """The question. ValueError."""
        return AqiQuestion(self.places, self.level, *self.bounds(), self.standard, self.events)


class Evaluate(Spanned):
    """The statistics of HJ 663, as a table: rows of EVALUATION_ROWS."""

    standard: Standard = "auto"
    air_class: Literal[1, 2] | None = None
    method: str = ""
    events: Literal["with", "without", "both"] = "with"
    years: Literal[1, 3] = 1

    def meaning(self) -> EvaluationQuestion:
        """The question. ValueError."""
        return EvaluationQuestion(
            self.places,
            *self.bounds(),
            self.standard,
            self.air_class,
            self.method,
            self.events,
            self.years,
        )


class Rank(Spanned):
    """Places in order, as a table: rows of RANK_ROWS."""

    key: Key = "index"
    standards: Annotated[tuple[Standard, ...], Meta(min_length=1, max_length=5)] = ("auto",)
    method: str = ""
    basis: Literal["day", "month"] = "day"
    scope: Literal["all", "region", "time"] = "all"
    step: Literal["day", "tenday", "week", "month", "quarter", "year"] = "month"
    compare: bool = True
    changes: bool = False
    events: Events = "with"

    def meaning(self) -> RankQuestion:
        """The question. ValueError."""
        start, end = self.bounds()
        return RankQuestion(
            self.places,
            start,
            end,
            self.key,
            self.standards,
            self.method,
            self.basis,
            self.scope,
            self.step,
            self.compare,
            self.changes,
            self.events,
        )


Asked = Aqi | Evaluate | Rank
