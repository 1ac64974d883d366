"""Requests of the control socket about keys and activation.

Tests: tests/hub/keys/test_keys_desk.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from hj212d.hub.commands.requests import Signed
from hj212d.hub.requests import Request


class Keys(Signed, kw_only=True):
    """Keys of devices. ``do``: "report" lists devices in order of MN, the ``limit`` behind
    ``after`` or one ``mn``; "rotate" sends ``mn`` a new key (``fresh``: another than one that is
    pending), without ``mn`` it lists those that are due; "set" takes ``key`` (16 characters or 32
    hexadecimal digits) as the one that ``mn`` has; "history" lists the keys of ``mn`` without
    what they are."""

    do: Literal["report", "rotate", "set", "history"] = "report"
    mn: str | None = None
    after: str = ""
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 10_000
    key: str = ""
    fresh: bool = False


class Activations(Request):
    """Devices that asked for their MN (CN 1001), the latest heard first."""

    state: Literal["", "waiting", "activated", "dismissed"] = ""
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 1000


class Activate(Signed, kw_only=True):
    """Decide on one of them: "accept" gives it ``mn`` (CN 1002) and registers the device under
    ``name``; "dismiss" hears it no more."""

    id: int
    do: Literal["accept", "dismiss"] = "accept"
    mn: str = ""
    name: str = ""
