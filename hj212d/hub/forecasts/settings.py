"""Keys of the section [forecast]."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

RELOAD = {"apply": "reload"}


class ForecastSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Forecasts of the next days, each kept with the skill that its model has shown."""

    models: Annotated[
        list[str],
        Meta(
            min_length=1,
            description="Models beside the baselines: damped (a usual day and what is unusual "
            "now, quick), mstl (seasons and smoothing, a tenth of a second a series; needs the "
            "extra analysis).",
            extra=RELOAD,
        ),
    ] = ["damped", "mstl"]
    places: Annotated[
        list[str],
        Meta(
            description='What is forecast: MNs, "region:CODE", "region:*", "stations:*".',
            extra=RELOAD,
        ),
    ] = ["region:*", "stations:*"]
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
