"""Keys of the section [[device]]: what is known of one device."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from hj212d.wire.frame import Device
from hj212d.wire.tolerances import DEFAULT, Tolerance


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
    enabled: Annotated[
        bool,
        Meta(description="false: its frames are kept aside as those of an unknown MN."),
    ] = True

    def device(self, base: Tolerance = DEFAULT) -> Device:
        """What the wire must know of it, where ``base`` is tolerated from everybody.

        KeyError for a tolerance that is none, ValueError for a key that is none.
        """
        return Device(
            switched(base, self.tolerate, self.refuse), tuple(sm4_key(text) for text in self.keys)
        )


def switched(base: Tolerance, on: Iterable[str], off: Iterable[str]) -> Tolerance:
    """``base`` with some switches turned; KeyError for one that is none."""
    return (base | Tolerance.of(on)) & ~Tolerance.of(off)


def sm4_key(text: str) -> bytes:
    """The 16 bytes of a key written as 32 hexadecimal digits or as 16 ASCII characters;
    ValueError when it is neither."""
    key = bytes.fromhex(text) if len(text) == 32 else text.encode("ascii")
    if len(key) != 16:
        raise ValueError("an SM4 key is 32 hexadecimal digits or 16 characters")
    return key
