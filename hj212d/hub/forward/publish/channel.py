"""The seam between the publisher and the client of one protocol.

A channel is one connection: it opens once, and when it is lost it is lost for good; the publisher
makes another. All calls of an ear happen on the event loop's thread.
Tests: tests/hub/forward/publish/test_publisher.py.
"""

from __future__ import annotations

from typing import Protocol

import msgspec
from twisted.internet.defer import Deferred


class Message(msgspec.Struct, frozen=True, gc=False):
    """One frame to publish. ``number`` grows; ``body``: JSON."""

    number: int
    mn: str
    cn: str
    st: str
    body: bytes


class Ear(Protocol):
    """Who is told what becomes of a channel and its messages."""

    def up(self) -> None:
        """It is open."""

    def down(self, why: str) -> None:
        """It could not be opened, or is lost; ``why`` is one sentence without secrets."""

    def published(self, number: int) -> None:
        """The other side has the message and says so."""

    def refused(self, number: int, why: str) -> None:
        """It takes others and not this one."""


class Channel(Protocol):
    """One connection to a broker or a web server."""

    def open(self) -> None:
        """Connect; the ear hears of it."""

    def publish(self, message: Message) -> None:
        """Send a message behind those before it."""

    def close(self) -> Deferred[None]:
        """Leave; fires when nothing of it is left. The ear hears no more."""
