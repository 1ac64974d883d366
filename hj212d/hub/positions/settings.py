"""Keys of the section [position]."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

RELOAD = {"apply": "reload"}
RESTART = {"apply": "restart"}


class PositionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Coordinates that instruments report. They wait for approval; manual ones override them."""

    longitude: Annotated[
        list[str],
        Meta(
            description="Factors and fields of CP that may carry a longitude (WGS-84), the "
            "likeliest first.",
            extra=RESTART,
        ),
    ] = msgspec.field(
        default_factory=lambda: ["l01001", "Longitude", "longitude", "lng", "lon", "GPS-Lon"]
    )
    latitude: Annotated[
        list[str],
        Meta(
            description="The same for the latitude: the first belongs to the first longitude, "
            "and so on.",
            extra=RESTART,
        ),
    ] = msgspec.field(
        default_factory=lambda: ["l01002", "Latitude", "latitude", "lat", "lat", "GPS-Lat"]
    )
    degrees_minutes: Annotated[
        bool,
        Meta(
            description="Read values above 180 (90) as degrees and minutes, ddmm.mmmm, as GPS "
            "receivers write them.",
            extra=RELOAD,
        ),
    ] = True
    everywhere: Annotated[
        bool,
        Meta(description="Take positions outside China too.", extra=RELOAD),
    ] = False
    interval_s: Annotated[
        float,
        Meta(
            gt=0,
            description="A device's position is looked at so often at the most.",
            extra=RELOAD,
        ),
    ] = 3600.0
