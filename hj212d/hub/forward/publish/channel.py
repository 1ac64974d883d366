"""The seam between the publisher and the client of one protocol.

A channel is one connection: it opens once, and when it is lost it is lost for good; the publisher
makes another. All calls of an ear happen on the event loop's thread, none within a call of the
channel. Tests: tests/hub/forward/publish/test_publisher.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure


class Message(msgspec.Struct, frozen=True, gc=False):
    """One frame to publish. ``number`` grows; ``body``: JSON."""

    number: int
    mn: str
    cn: str
    st: str
    body: bytes


class Ear(Protocol):
    """Who is told what becomes of a channel and its messages."""

    def up(self, most: int = 0) -> None:
        """It is open. ``most``: so many messages may be unconfirmed; 0: as many as we like."""

    def down(self, why: str) -> None:
        """It could not be opened, or is lost; ``why`` is one sentence without secrets."""

    def published(self, number: int) -> None:
        """The other side has the message and says so."""

    def refused(self, number: int, why: str) -> None:
        """It does not take this one; perhaps others."""


class Channel(Protocol):
    """One connection to a broker or a web server."""

    def open(self) -> None:
        """Connect; the ear hears of it."""

    def publish(self, message: Message) -> None:
        """Send a message behind those before it."""

    def close(self) -> Deferred[None]:
        """Leave; fires when nothing of it is left. The ear hears no more."""


def in_thread(reactor: Any, name: str, work: Callable[[], None]) -> Deferred[None]:
    """Run something that blocks in a thread of its own. Those of the reactor are few, and clients
    may block for long: nobody else shall wait for them, not even the end of the process."""
    done: Deferred[None] = Deferred()

    def run() -> None:
        try:
            work()
        except Exception:  # noqa: BLE001 - it is handed to the one who called
            reactor.callFromThread(done.errback, Failure())
        else:
            reactor.callFromThread(done.callback, None)

    threading.Thread(target=run, name=name, daemon=True).start()
    return done
