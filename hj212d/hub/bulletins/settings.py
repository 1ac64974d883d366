"""Keys of the section [bulletins]."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

RELOAD = {"apply": "reload"}
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_CODE = r"([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})"
PLACE = rf"^(region:(\*|{_CODE}\*?)|stations:(\*|{_CODE})|[A-Za-z0-9]{{1,24}})$"

Clock = Annotated[str, Meta(pattern=CLOCK)]
PlaceText = Annotated[str, Meta(pattern=PLACE)]


class BulletinsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is published of the air, when, and for how long it is corrected."""

    on: Annotated[
        bool, Meta(description="Publish the AQI of hours and days, and rankings.", extra=RELOAD)
    ] = True
    hour_places: Annotated[
        list[PlaceText],
        Meta(
            description="Whose hours are published: region:* (regions one level below the one "
            "that holds all stations), region:330000* (those of a region), region:330100, "
            "stations:*, stations:330100, an MN.",
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=lambda: ["region:*", "stations:*"])
    day_places: Annotated[
        list[PlaceText], Meta(description="Whose days are published.", extra=RELOAD)
    ] = msgspec.field(default_factory=lambda: ["region:*", "stations:*"])
    ranked: Annotated[
        list[PlaceText], Meta(description="The places of the daily ranking.", extra=RELOAD)
    ] = msgspec.field(default_factory=lambda: ["region:*"])
    ranked_by: Annotated[
        Literal["index", "pm25"],
        Meta(description="By composite index or by PM2.5.", extra=RELOAD),
    ] = "index"
    hour_minute: Annotated[
        int,
        Meta(
            ge=0,
            le=59,
            description="An hour is published from this minute of the next one, as soon as its "
            "means are made.",
            extra=RELOAD,
        ),
    ] = 6
    day_at: Annotated[
        Clock,
        Meta(description="A day is published from this Beijing time of the next.", extra=RELOAD),
    ] = "08:00"
    ranking_at: Annotated[
        Clock, Meta(description="The same of the ranking of a day.", extra=RELOAD)
    ] = "08:15"
    standard: Annotated[
        Literal["auto", "HJ633-2012", "HJ633-2026"],
        Meta(
            description="Version that the index is made by; auto: that of the date of the data.",
            extra=RELOAD,
        ),
    ] = "auto"
    hour_corrections_h: Annotated[
        int,
        Meta(
            ge=1,
            le=744,
            description="An hour is published, or corrected when a published number changes, "
            "until so many hours later.",
            extra=RELOAD,
        ),
    ] = 72
    day_corrections_days: Annotated[
        int, Meta(ge=1, le=366, description="The same of days and rankings.", extra=RELOAD)
    ] = 31
    corrections_minutes: Annotated[
        int,
        Meta(
            ge=1,
            le=60,
            description="Corrections are looked for at each minute of the hour that this divides.",
            extra=RELOAD,
        ),
    ] = 15
