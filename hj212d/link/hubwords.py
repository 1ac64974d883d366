"""What a worker and the hub say to each other, a JSON object a line.

The hub's side of it is `hub/requests.py` and `hub/worker_desk.py`. Tests:
tests/link/test_hublink.py.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from hj212d.wire.settings import DeviceSettings


class Hello(msgspec.Struct, tag_field="op", tag="worker"):
    """The first line of a worker."""

    slot: int
    pid: int
    lane: str


class Identified(msgspec.Struct, tag_field="op", tag="identified"):
    """An MN spoke on a link for the first time, at UTC microseconds since 1970."""

    mn: str
    link: int
    peer: str
    at: int


class Left(msgspec.Struct, tag_field="op", tag="left"):
    """The link of an MN is gone."""

    mn: str
    link: int


class Unnamed(msgspec.Struct, tag_field="op", tag="unnamed"):
    """The first good frame of a link has no MN (HJ 212-2025, CN 1001)."""

    link: int
    peer: str


class Sent(msgspec.Struct, tag_field="op", tag="sent"):
    """What became of a `Send`: ``why`` is "" when its bytes were handed to the kernel or wait
    behind answers, else "no_link", "closing" or "congested"."""

    id: int
    why: str


class Superseded(msgspec.Struct, tag_field="op", tag="superseded"):
    """The hub: a newer link of this MN is on another worker."""

    mn: str
    link: int


class Send(msgspec.Struct, tag_field="op", tag="send"):
    """The hub: send these bytes (base64 on the line) on a link."""

    id: int
    link: int
    data: bytes


class Overlay(msgspec.Struct, tag_field="op", tag="devices"):
    """The hub: devices as they are in force instead of what the orders said; with the last line,
    where ``more`` is false, every other device that was told before is as the orders say."""

    devices: list[DeviceSettings]
    more: bool = False


class Changed(msgspec.Struct, tag_field="op", tag="device"):
    """The hub: one device as it is in force now."""

    device: DeviceSettings


FromHub: TypeAlias = Superseded | Send | Overlay | Changed
