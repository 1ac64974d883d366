"""What the dispatch of commands needs of the rest of the hub, as protocols.

Tests: tests/hub/commands/test_command_service.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from twisted.internet.defer import Deferred

from hj212d.hub.commands.facts import Facts
from hj212d.hub.routes import Route


class Sender(Protocol):
    """The way to the workers."""

    def send(self, slot: int, link: int, data: bytes) -> Deferred[str]:
        """Send bytes over a link; fires with "" or why not."""


class Ways(Protocol):
    """Which link leads to which MN."""

    def route(self, mn: str) -> Route | None:
        """The newest link."""

    def links_of(self, mn: str) -> Sequence[Route]:
        """All of them, the newest last."""


class Knowing(Protocol):
    """What is known of devices."""

    def facts(self, mn: str) -> Facts:
        """At once."""

    def password(self, mn: str) -> Deferred[str]:
        """The PW to send."""

    def saw_password(self, mn: str, password: str) -> None:
        """A good frame carried it."""
