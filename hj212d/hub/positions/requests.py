"""Requests of the control socket about positions.

Tests: tests/hub/positions/test_position_service.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from hj212d.hub.commands.requests import Signed
from hj212d.hub.requests import Request


class Positions(Request):
    """Positions that devices reported, newest first."""

    state: Literal["", "waiting", "approved", "rejected"] = ""
    mn: str | None = None
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 1000


class Position(Signed, kw_only=True):
    """Decide on one of them. Approving writes the device's coordinates, unless they were set by
    hand."""

    id: int
    do: Literal["approve", "reject"]
