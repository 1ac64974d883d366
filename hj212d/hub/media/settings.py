"""Keys of the section [media]."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

RELOAD = {"apply": "reload"}


class MediaSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How flue gas, water, noise and dust are judged, where the standards leave a choice."""

    oxygen_error: Annotated[
        float,
        Meta(
            ge=0,
            le=5,
            description="Oxygen this near to 21 % has no value at the reference oxygen, percent.",
            extra=RELOAD,
        ),
    ] = 0.1
    make_up: Annotated[
        Literal["HJ75-2017", "HJ/T75-2007", "none"],
        Meta(
            description="What stands in for lost hours of an emission: the largest of 180, 720 or "
            "2,160 valid hours before; the mean of the two hours around the gap (the former "
            "rule); nothing.",
            extra=RELOAD,
        ),
    ] = "HJ75-2017"
    make_up_short_history: Annotated[
        bool,
        Meta(
            description="Make up for lost hours also where fewer valid hours stand before them "
            "than the rule looks at.",
            extra=RELOAD,
        ),
    ] = False
    fill: Annotated[
        Literal["none", "HJ/T356-2007"],
        Meta(
            description="What stands in for lost hours of waste water in its masses: nothing, or "
            "the mean of as many valid hours before them (the former rule, which platforms still "
            "use).",
            extra=RELOAD,
        ),
    ] = "none"
    day_from: Annotated[
        int,
        Meta(ge=0, le=23, description="Hour at which the day of noise begins.", extra=RELOAD),
    ] = 6
    day_to: Annotated[
        int,
        Meta(ge=1, le=24, description="Hour at which the night of noise begins.", extra=RELOAD),
    ] = 22
