"""Keys of the section [journal]."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

RESTART = {"apply": "restart"}
RELOAD = {"apply": "reload"}

Sync = Literal["group", "always", "none"]


class JournalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How frames reach the disk, and how long they stay there."""

    dir: Annotated[
        str, Meta(description="Folder of the journal; empty: DATA/journal.", extra=RESTART)
    ] = ""
    sync: Annotated[
        Sync,
        Meta(
            description="When a block counts as durable: group = one fdatasync for all that "
            "waits, always = one for each frame, none = when the kernel has it (survives our "
            "crash, not a power cut).",
            extra=RESTART,
        ),
    ] = "group"
    segment_bytes: Annotated[
        int, Meta(ge=65536, description="A segment file is closed at this size.", extra=RESTART)
    ] = 64 * 1024 * 1024
    max_bytes: Annotated[
        int,
        Meta(
            ge=0,
            description="Closed segments beyond this total go, oldest first, once every reader "
            "has read them; 0: no limit.",
            extra=RELOAD,
        ),
    ] = 20 * 1024 * 1024 * 1024
    retain_days: Annotated[
        float,
        Meta(
            ge=0,
            description="Closed segments older than this go, once every reader has read them; "
            "0: no limit.",
            extra=RELOAD,
        ),
    ] = 30.0
    min_free_bytes: Annotated[
        int,
        Meta(
            ge=0,
            description="With less free space than this on the journal's disk we stop reading "
            "and acknowledging, so that the store keeps room to work.",
            extra=RELOAD,
        ),
    ] = 64 * 1024 * 1024
