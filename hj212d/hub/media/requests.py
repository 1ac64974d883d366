"""Requests of the control socket about other media, and of the API, which takes the same fields.

Tests: tests/hub/media/test_media_desk.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from hj212d.hub.media.questions import (
    AssessLevel,
    AssessQuestion,
    By,
    EmissionQuestion,
    RiverQuestion,
)
from hj212d.hub.requests import Request
from hj212d.hub.times import parse

Named = Annotated[tuple[str, ...], Meta(min_length=1, max_length=10_000)]
Medium = Literal["flue", "wastewater", "water", "noise", "dust"]

ALL: tuple[Medium, ...] = ("flue", "wastewater", "water", "noise", "dust")


class Assess(Request):
    """Readings against limits, as a table: rows of ASSESSED."""

    start: str
    end: str
    level: AssessLevel = "hour"
    mns: Named | None = None
    region: str = ""
    media: Annotated[tuple[Medium, ...], Meta(min_length=1)] = ALL
    exceeded_only: bool = False
    percentiles: bool = False

    def meaning(self) -> AssessQuestion:
        """The question. ValueError: a bound is no time."""
        return AssessQuestion(
            self.level,
            parse(self.start),
            parse(self.end),
            self.mns,
            self.region,
            self.media,
            self.exceeded_only,
            self.percentiles,
        )


class Emissions(Request):
    """What outlets emit, as a table: rows of EMISSIONS."""

    start: str
    end: str
    by: By = "day"
    mns: Named | None = None
    region: str = ""
    media: Annotated[tuple[Medium, ...], Meta(min_length=1)] = ("flue", "wastewater")

    def meaning(self) -> EmissionQuestion:
        """The question. ValueError: a bound is no time."""
        return EmissionQuestion(
            self.by, parse(self.start), parse(self.end), self.mns, self.region, self.media
        )


class Rivers(Request):
    """Rivers by their sections, as a table: rows of RIVERS."""

    start: str
    end: str
    level: AssessLevel = "month"
    mns: Named | None = None
    region: str = ""

    def meaning(self) -> RiverQuestion:
        """The question. ValueError: a bound is no time."""
        return RiverQuestion(self.level, parse(self.start), parse(self.end), self.mns, self.region)


Asked = Assess | Emissions | Rivers
