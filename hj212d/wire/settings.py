"""Keys of the section [[device]]: what is known of one device."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class DeviceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one device."""

    mn: Annotated[str, Meta(min_length=1, description="MN, case sensitive.")]
    name: Annotated[str, Meta(description="Station name, shown in tables.")] = ""
    password: Annotated[
        str, Meta(description="PW that its frames must carry; empty: any.", extra={"secret": True})
    ] = ""
    keys: Annotated[
        list[str],
        Meta(
            description="SM4 keys, newest first: 32 hexadecimal digits or 16 characters.",
            extra={"secret": True},
        ),
    ] = []
    tolerate: Annotated[
        list[str], Meta(description="Tolerances switched on beyond the profile's.")
    ] = []
    refuse: Annotated[list[str], Meta(description="Tolerances switched off.")] = []
    allow: Annotated[
        list[str], Meta(description="Networks (CIDR) this MN may come from; empty: all.")
    ] = []
