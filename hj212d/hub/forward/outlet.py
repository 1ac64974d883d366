"""The seam between a target's forwarder and the way its frames leave: two protocols.

An outlet keeps its own connection, says what room it has, and tells the forwarder (the *hand*) of
each frame that is delivered or refused. What is next, what is a dead letter and how far the cursor
may go is the forwarder's to decide. All calls happen on the event loop's thread.
Tests: tests/hub/forward/test_forwarder.py.
"""

from __future__ import annotations

from typing import Protocol

from twisted.internet.defer import Deferred

from hj212d.hub.forward.bale import Bale
from hj212d.wire.frame import Frame


class Hand(Protocol):
    """The forwarder, as an outlet sees it."""

    def up(self) -> None:
        """The target can be reached: there may be room now."""

    def down(self, why: str) -> None:
        """It cannot; ``why`` is one sentence. The outlet keeps what it was given, goes on trying
        by itself and sends what is not done again, in order."""

    def ready(self) -> None:
        """There is room again."""

    def done(self, bale: Bale, first: int, last: int) -> None:
        """Frames ``first`` to ``last`` of a bale (``last`` not included) are delivered. In any
        order, each frame once."""

    def refused(self, bale: Bale, index: int, why: str) -> None:
        """The target takes others and not this one: one round of tries is over. The outlet does
        nothing more about the frame until it is told :meth:`Outlet.again` or
        :meth:`Outlet.drop`."""

    def resent(self, count: int) -> None:
        """So many frames went out once more, because nothing was heard of them."""

    def heard(self, frame: Frame) -> None:
        """A frame from the target that acknowledges nothing: a request, or junk."""


class Outlet(Protocol):
    """A way out. Bounded: it is given no more than :meth:`room`."""

    @property
    def kind(self) -> str:
        """As in the settings."""

    def start(self, hand: Hand) -> None:
        """Connect, and keep connected, until :meth:`stop`."""

    def stop(self) -> Deferred[None]:
        """Close and forget all bales; fires when nothing of it is left. Nothing is told to the
        hand any more. It is not started again."""

    def room(self) -> int:
        """Bytes that may be given now; 0 while the target is away or slow. A bale may be larger
        than the room, when that is not 0."""

    def give(self, bale: Bale) -> None:
        """Send a bale, behind those given before."""

    def again(self, bale: Bale, index: int) -> None:
        """Another round for a frame that was refused."""

    def drop(self, bale: Bale, index: int) -> None:
        """Forget a frame that was refused."""

    def say(self, raw: bytes) -> bool:
        """Send bytes at once, beside the bales and unacknowledged (an answer to the target);
        whether they were handed on."""
