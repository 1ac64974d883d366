"""The requests of the control socket about commands.

Tests: tests/hub/commands/test_commands_desk.py.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from hj212d.hub.requests import Request
from store.registry.records import CommandState

Limit = Annotated[int, Meta(ge=1, le=1000)]


class Signed(Request, kw_only=True):
    """``who`` is the Unix user at the other end of the socket, whatever the line says."""

    who: str = ""


class Send(Signed, kw_only=True):
    """Send a command and follow it: a line for each change of it until it has ended or ``wait_s``
    are over, then a last one with "done". ``queue``: wait for an instrument that is away."""

    mn: str
    name: str
    args: dict[str, str | list[str]] = field(default_factory=dict)
    queue: bool = False
    expires_s: Annotated[float, Meta(gt=0, le=30 * 86400)] | None = None
    priority: Annotated[int, Meta(ge=0, le=9)] = 5
    wait_s: Annotated[float, Meta(ge=0, le=86400)] = 0.0


class Commands(Request):
    """Commands, newest first; of one MN, in one of some states, before a number."""

    mn: str | None = None
    state: list[CommandState] | None = None
    before_id: int | None = None
    limit: Limit = 100


class Command(Request):
    """One command with what happened to it."""

    id: int


class Cancel(Signed, kw_only=True):
    """Give a command up."""

    id: int
