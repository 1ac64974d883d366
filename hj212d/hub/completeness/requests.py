"""Requests of the control socket about completeness.

Tests: tests/hub/completeness/test_completeness_desk.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from hj212d.hub.completeness.reckoning import Question
from hj212d.hub.requests import Request
from hj212d.hub.times import microseconds, parse

RatesPeriod = Literal["realtime", "minute", "hour", "day"]
GapsState = Literal["open", "asked", "filled", "unavailable", "given_up"]


class Completeness(Request):
    """Rates by day or month, as a table; bounds are on data_time, end not included. ``summed``:
    the factors of a device added up."""

    start: str
    end: str
    period: RatesPeriod = "hour"
    by: Literal["day", "month"] = "day"
    mn: str | None = None
    region: str = ""
    factor: str | None = None
    summed: bool = False

    def meaning(self) -> Question:
        """The question; ValueError when a bound is no time, or the end is not behind the start."""
        start, end = microseconds(parse(self.start)), microseconds(parse(self.end))
        return question(start, end, self)


class Gaps(Request):
    """The book of gaps, newest first; ``state`` "": those that are open or asked for."""

    mn: str | None = None
    state: GapsState | Literal["", "all"] = ""
    period: Literal["minute", "hour", "day"] | None = None
    limit: Annotated[int, Meta(ge=1, le=100_000)] = 1000


def question(start_us: int, end_us: int, asked: Completeness) -> Question:
    """What a request asks; ValueError when its span is none."""
    if start_us >= end_us:
        raise ValueError("the start must be before the end")
    return Question(
        start_us,
        end_us,
        asked.period,
        asked.by,
        None if asked.mn is None else (asked.mn,),
        asked.region,
        asked.factor,
        asked.summed,
    )
