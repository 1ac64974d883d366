"""Keys of the section [registry]."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

RESTART = {"apply": "restart"}


class RegistrySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where devices, keys, commands and what people decide are kept."""

    url: Annotated[
        str,
        Meta(
            description="sqlite:///path/to/file or postgresql://user:password@host/name; empty: "
            "SQLite in DATA/registry.db.",
            extra=RESTART,
        ),
    ] = ""
    keep_days: Annotated[
        float,
        Meta(
            ge=0,
            description="Closed gaps, decided positions, dead letters that were sent again and "
            "notes of who changed what are forgotten after this; 0: never. For commands: "
            "[commands] keep_days.",
        ),
    ] = 400.0
    keep_alerts_days: Annotated[
        float,
        Meta(
            ge=0,
            description="Ended alarms, closed incidents with their log, messages that are settled "
            "and runs of schedules are forgotten after this; 0: never. Cases, plans and "
            "maintenance stay.",
        ),
    ] = 400.0
    secret_file: Annotated[
        str,
        Meta(
            description="The key that passwords, SM4 keys and commands are sealed with at rest, "
            "32 bytes, made at the first start; keep a copy elsewhere. Empty: DATA/registry.key.",
            extra=RESTART,
        ),
    ] = ""
