"""Keys of the section [forecast]."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from hj212d.hub.bulletins.settings import Clock, PlaceText

RELOAD = {"apply": "reload"}


class ForecastSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Forecasts of the next days, each kept with the skill that its model has shown."""

    on: Annotated[bool, Meta(description="Make forecasts each day.", extra=RELOAD)] = True
    at: Annotated[
        Clock,
        Meta(
            description="Beijing time from which the day's forecast is made; it is to be "
            "published by 20:00 (HJ 633-2026, one source).",
            extra=RELOAD,
        ),
    ] = "17:10"
    models: Annotated[
        list[Annotated[str, Meta(pattern="^[a-z]{1,32}$")]],
        Meta(
            min_length=1,
            description="Models beside the baselines: damped (a usual day and what is unusual "
            "now, quick), mstl (seasons and smoothing, a tenth of a second a series; needs the "
            "extra analysis).",
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=lambda: ["damped", "mstl"])
    slow_series: Annotated[
        int,
        Meta(
            ge=0,
            description="mstl is left out when there are more series (places times pollutants) "
            "than this.",
            extra=RELOAD,
        ),
    ] = 1200
    places: Annotated[
        list[PlaceText],
        Meta(
            description='What is forecast: MNs, "region:CODE", "region:*", "stations:*".',
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=lambda: ["region:*", "stations:*"])
    days: Annotated[
        int,
        Meta(ge=1, le=10, description="Whole Beijing days ahead.", extra=RELOAD),
    ] = 3
    history_days: Annotated[
        int,
        Meta(ge=14, le=366, description="Days of hours that a forecast is made of.", extra=RELOAD),
    ] = 60
    trial_origins: Annotated[
        int,
        Meta(
            ge=3,
            le=60,
            description="Days from which each model is tried for its skill, one a day.",
            extra=RELOAD,
        ),
    ] = 10
