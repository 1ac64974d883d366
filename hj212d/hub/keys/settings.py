"""Keys of the section [keys]."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

RELOAD = {"apply": "reload"}


class KeysSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """SM4 keys of instruments, their rotation, and activation (HJ 212-2025, 6.4)."""

    rotate_days: Annotated[
        float,
        Meta(
            ge=0,
            description="A key older than this is changed by CN 1014 while its device is "
            "connected; the standard says 90. 0: only when the device asks, or by hand.",
            extra=RELOAD,
        ),
    ] = 90.0
    per_hour: Annotated[
        int,
        Meta(
            ge=1,
            description="So many due keys are changed an hour, evenly, the oldest first.",
            extra=RELOAD,
        ),
    ] = 60
    retry_h: Annotated[
        float,
        Meta(
            gt=0,
            description="Hours until a change that failed is tried again, with the same new key; "
            "doubles each time, up to a week.",
            extra=RELOAD,
        ),
    ] = 6.0
    form: Annotated[
        Literal["text", "hex"],
        Meta(
            description="How a new key is written in NewSK: 16 characters, or 32 hexadecimal "
            "digits.",
            extra=RELOAD,
        ),
    ] = "text"
    time_digits: Annotated[
        Literal["14", "17"],
        Meta(
            description="Digits of SKCreateTime: 17 with milliseconds, 14 without.", extra=RELOAD
        ),
    ] = "17"
    answer_requests: Annotated[
        bool,
        Meta(
            description="Send a new key when a device asks for one by CN 1014; at most one an "
            "hour for each device.",
            extra=RELOAD,
        ),
    ] = True
    retire_frames: Annotated[
        int,
        Meta(
            ge=1,
            description="So many frames in a row with the new key retire the previous one.",
            extra=RELOAD,
        ),
    ] = 20
    retire_days: Annotated[
        float,
        Meta(
            gt=0,
            description="So long after the last frame that needed it a previous key is retired, "
            "once the new one is proven.",
            extra=RELOAD,
        ),
    ] = 7.0
    max_waiting: Annotated[
        int,
        Meta(
            ge=1,
            description="Devices that wait for activation; of more, those unseen longest go "
            "first.",
            extra=RELOAD,
        ),
    ] = 1000
