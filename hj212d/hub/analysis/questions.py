"""What can be asked of analysis: one struct a question. Moments are naive UTC, the end not
included. A place is an MN or "region:330100".

Tests: tests/hub/analysis/test_analysis_asking.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from aqi.analysis.patterns import Cycle
from aqi.analysis.primary_share import Ties
from aqi.analysis.roses import CALM_MS, SPEED_EDGES_MS

Level = Literal["hour", "day"]
Step = Literal["month", "quarter", "year"]


class Spanned(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of one place, over a time."""

    place: Annotated[str, Meta(min_length=1)]
    start: datetime
    end: datetime


class RoseQuestion(Spanned, frozen=True, kw_only=True):
    """A wind rose, with ``factor`` a pollution rose: how often which value comes with which wind.

    ``wind``: the MN whose wind it is, "" the place itself. ``edges``: borders of the classes, of
    speeds in m/s or values; () as usual: wind forces, or the nodes of the sub-index.
    """

    factor: str = ""
    wind: str = ""
    calm_ms: Annotated[float, Meta(ge=0, le=10)] = CALM_MS
    sectors: Literal[8, 16, 36] = 16
    edges: tuple[float, ...] = ()


class PolarQuestion(Spanned, frozen=True, kw_only=True):
    """Mean values by direction and speed."""

    factor: str
    wind: str = ""
    sectors: Literal[8, 16, 36] = 16
    edges: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


class PatternQuestion(Spanned, frozen=True, kw_only=True):
    """How values go through the day, week or year. ``factors``: pollutants or codes."""

    factors: Annotated[tuple[str, ...], Meta(min_length=1, max_length=6)] = ("PM2.5",)
    cycle: Cycle = "hour"


class ShareQuestion(Spanned, frozen=True, kw_only=True):
    """How often which pollutant was primary. ``ties``: several count for each, or share."""

    level: Level = "day"
    ties: Ties = "each"
    above: Literal[50, 100] = 50


class CalendarQuestion(Spanned, frozen=True, kw_only=True):
    """The published AQI of each day."""


class TrendQuestion(Spanned, frozen=True, kw_only=True):
    """Whether the values of months or years rise or fall. ``factor``: a pollutant, or a code at a
    station; ``level``: of Spearman's critical values."""

    factor: str = "PM2.5"
    step: Step = "month"
    level: Literal["5%", "1%"] = "5%"


Question = (
    RoseQuestion
    | PolarQuestion
    | PatternQuestion
    | ShareQuestion
    | CalendarQuestion
    | TrendQuestion
)

WIND_FORCES = SPEED_EDGES_MS
