"""What can be asked about air quality: one struct a question, and the places that it may name.

Moments are naive UTC, as in the store; the end of a span is not included. A place is an MN,
"region:330100" (the mean of its assessed sites), "region:*" (the regions one level below the one
that holds all stations), "region:330000*" (those one level below that region), "stations:*" (each
station) or "stations:330100" (each station there). Tests: tests/hub/quality/test_places_asked.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Events = Literal["with", "without"]
AqiStandard = Literal["auto", "HJ633-2012", "HJ633-2026"]
# "old" and "new": the limits until 2026-02-28, and those from then on (of the phase of the data).
Standard = Literal[
    "auto", "old", "new", "GB3095-2012", "GB3095-2026-transition", "GB3095-2026-final"
]
Key = Literal["index", "good_days", "pm25", "pm10", "so2", "no2", "co", "o3"]


class AqiQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The AQI of places, hour by hour or day by day. ``standard`` "auto": by the date of the
    data; ``events`` "without": hours of approved exceptional events left out."""

    places: tuple[str, ...]
    level: Literal["hour", "day"]
    start: datetime
    end: datetime
    standard: AqiStandard = "auto"
    events: Events = "with"


class EvaluationQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The statistics of HJ 663 for a span of whole Beijing days. ``air_class`` None: the class
    of the site (2 for regions); ``method`` "": as configured; ``years`` 3: the mean of the
    year's statistics and those of the two years before (an assumed reading of HJ 663-2026)."""

    places: tuple[str, ...]
    start: datetime
    end: datetime
    standard: Standard = "auto"
    air_class: Literal[1, 2] | None = None
    method: str = ""
    events: Literal["with", "without", "both"] = "with"
    years: Literal[1, 3] = 1


class RankQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places in order over a span of whole Beijing days.

    ``scope``: "all" places together, each within its "region" (the level above it), or each
    place's own spans over "time" (``step`` long). ``basis`` "month": period means are means of
    month means. ``standards``: one ranking for each. ``compare``: with the span before and the
    same span of last year. ``changes``: the order of change against last year (2017 rule).
    """

    places: tuple[str, ...]
    start: datetime
    end: datetime
    key: Key = "index"
    standards: tuple[Standard, ...] = ("auto",)
    method: str = ""
    basis: Literal["day", "month"] = "day"
    scope: Literal["all", "region", "time"] = "all"
    step: Literal["day", "tenday", "week", "month", "quarter", "year"] = "month"
    compare: bool = True
    changes: bool = False
    events: Events = "with"
