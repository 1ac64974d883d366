"""Keys of the section [commands]."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

RELOAD = {"apply": "reload"}


class CommandsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Commands to instruments."""

    expires_s: Annotated[
        float,
        Meta(
            gt=0,
            le=30 * 86400,
            description="A command that could not be sent for this long expires, unless it says "
            "another time.",
            extra=RELOAD,
        ),
    ] = 86400.0
    clock_set: Annotated[
        bool,
        Meta(
            description="Set the clock (1012) of an instrument that asks for it (1013), past the "
            "limit and at most once an hour.",
            extra=RELOAD,
        ),
    ] = True
    clock_drift_limit_s: Annotated[
        float,
        Meta(
            ge=1,
            description="A clock that is wrong by no more than this is never set, whoever asks.",
            extra=RELOAD,
        ),
    ] = 30.0
    queue_per_mn: Annotated[
        int,
        Meta(
            ge=1,
            description="Commands that may be open for one MN; more are refused.",
            extra=RELOAD,
        ),
    ] = 100
    at_once: Annotated[
        int,
        Meta(
            ge=1,
            description="Commands that may be under way at once, over all MNs and links; of one "
            "MN never more than one is.",
            extra=RELOAD,
        ),
    ] = 200
    execution_s: Annotated[
        float,
        Meta(
            ge=1,
            le=3600,
            description="How long an instrument may be silent after it accepted a command or sent "
            "data of it. The standard's time for its medium, if that is longer.",
            extra=RELOAD,
        ),
    ] = 60.0
    settle_s: Annotated[
        float,
        Meta(
            ge=0,
            le=600,
            description="How long after an instrument came back its queued commands wait.",
            extra=RELOAD,
        ),
    ] = 2.0
    pause_ms: Annotated[
        int,
        Meta(
            ge=0,
            le=60_000,
            description="How long an instrument is left alone, at least, between two commands.",
            extra=RELOAD,
        ),
    ] = 600
    keep_days: Annotated[
        float,
        Meta(
            gt=0,
            description="Commands that ended longer ago than this are forgotten.",
            extra=RELOAD,
        ),
    ] = 400.0
    on_first_contact: Annotated[
        list[str],
        Meta(
            description="Requests for each MN that is heard for the first time, each written as "
            'for `hj212d send`, such as "set-timeouts OverTime=10 ReCount=3"; empty: none.',
            extra=RELOAD,
        ),
    ] = []
