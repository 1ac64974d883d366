"""Keys of the section [completeness]."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

RELOAD = {"apply": "reload"}


class CompletenessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How complete the data are, and gaps that fill themselves."""

    validity: Annotated[
        Literal["received", "expected"],
        Meta(
            description="What valid values are divided by for the validity rate (数据有效率): "
            "those received, or those expected.",
            extra=RELOAD,
        ),
    ] = "received"
    grace_s: Annotated[
        float,
        Meta(
            ge=0,
            description="A value is expected so long after the end of its period.",
            extra=RELOAD,
        ),
    ] = 600.0
    fill: Annotated[
        bool,
        Meta(description="Ask instruments for the history that is missing.", extra=RELOAD),
    ] = True
    fill_days: Annotated[
        int,
        Meta(ge=1, le=366, description="Gaps are looked for so many days back.", extra=RELOAD),
    ] = 30
    settle_s: Annotated[
        float,
        Meta(
            ge=0,
            description="An instrument that is back sends by itself what it kept: its gaps are "
            "asked for when they have not become smaller for this long.",
            extra=RELOAD,
        ),
    ] = 120.0
    quiet_s: Annotated[
        float,
        Meta(
            ge=0,
            description="A silence of this length makes an instrument that speaks again one that "
            "is back.",
            extra=RELOAD,
        ),
    ] = 300.0
    round_h: Annotated[
        float,
        Meta(gt=0, description="All MNs are looked over once in so many hours.", extra=RELOAD),
    ] = 6.0
    requests_per_minute: Annotated[
        int,
        Meta(ge=1, description="Requests for history, over all instruments.", extra=RELOAD),
    ] = 60
    requests_per_hour_per_mn: Annotated[
        int, Meta(ge=1, description="The same for one instrument.", extra=RELOAD)
    ] = 30
    chunk_slots: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Values of each factor that one request asks for at the most.",
            extra=RELOAD,
        ),
    ] = 240
    attempts: Annotated[
        int,
        Meta(
            ge=1,
            le=20,
            description="A gap is given up when so many requests for it came to nothing.",
            extra=RELOAD,
        ),
    ] = 3
    busy_s: Annotated[
        float,
        Meta(
            gt=0,
            description="An instrument that says it is busy, or does not answer, is left in peace "
            "for this long.",
            extra=RELOAD,
        ),
    ] = 600.0
