"""Keys of the section [reports]."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

RESTART = {"apply": "restart"}
RELOAD = {"apply": "reload"}


class ReportsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reports, exports and pictures, and the room that makes them for the API."""

    templates: Annotated[
        str,
        Meta(
            description="Folder of templates of reports of your own; those of a name that is "
            "shipped count in its place. `hj212d report --show-template NAME` is one to start "
            "from.",
            extra=RELOAD,
        ),
    ] = ""
    font: Annotated[
        str,
        Meta(
            description="File of the font that draws Chinese in PDF and pictures; empty: the best "
            "of the system, else the one of the extra reports.",
            extra=RELOAD,
        ),
    ] = ""
    keep_days: Annotated[
        float,
        Meta(
            gt=0,
            description="Files that were made for the API stay in DATA/reports for so long.",
            extra=RELOAD,
        ),
    ] = 7.0
    waiting: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="Jobs that may wait while one is being done; more are refused.",
            extra=RELOAD,
        ),
    ] = 20
    timeout_s: Annotated[
        float,
        Meta(gt=0, description="A job that takes longer is ended.", extra=RELOAD),
    ] = 1800.0
    max_mb: Annotated[
        int,
        Meta(
            ge=1,
            description="Files in DATA/reports together; the oldest go before their time.",
            extra=RELOAD,
        ),
    ] = 2000
