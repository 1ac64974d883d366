"""From the start of one outlet to its end: what it gets next, and whose frames it tells of.

The hand that an outlet knows. Sources are asked in order: what lives goes before what is sent
again. Tests: tests/hub/forward/test_forwarder.py.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from hj212d.hub.forward.bale import Bale, Parcel
from hj212d.hub.forward.outlet import Outlet
from hj212d.hub.forward.refusals import Refusals
from hj212d.hub.forward.standing import Standing
from hj212d.wire.frame import Frame

EMPTY_S = 0.1
RETRY_S = 5.0
_SPARE = 0.75


class Source(Protocol):
    """Where bales come from."""

    standing: Standing

    def take(self, max_bytes: int) -> list[Bale]:
        """The next frames; [] when there are none yet. Blocks."""

    def is_letter(self, bale: Bale, index: int) -> bool:
        """A frame was refused: whether it is kept as a dead letter already."""


class Owner(Protocol):
    """The forwarder, as a visit sees it."""

    def become(self, state: str, error: str) -> None:
        """A state, and the reason for a bad one."""

    def take(self, source: Source, room: int) -> Deferred[list[Bale]]:
        """The next frames of a source, at most about ``room`` bytes."""

    def delivered(self, count: int) -> None:
        """So many frames are done."""

    def keep(self, lane: str, frame: Parcel, why: str, tries: int) -> Deferred[Any]:
        """Make a dead letter; fires when it is durable."""

    def buried(self) -> None:
        """A frame became a dead letter."""

    def resent_frames(self, count: int) -> None:
        """So many frames left once more."""

    def said(self, frame: Frame) -> None:
        """The target said something that acknowledges nothing."""

    def trouble(self, failure: Failure) -> None:
        """Something failed that is tried again."""


class Visit:
    """One outlet, and the sources of what it is given."""

    def __init__(
        self, owner: Owner, clock: Any, outlet: Outlet, rounds: int, sources: list[Source]
    ) -> None:
        """``rounds``: so many of a frame, then it is a dead letter. ``sources`` may grow and
        shrink meanwhile."""
        self.outlet = outlet
        self._owner = owner
        self._clock = clock
        self._refusals = Refusals(
            clock, rounds, keep=self._keep, buried=self._buried, trouble=owner.trouble
        )
        self._sources = sources
        self._taking = False
        self._most_room = 0
        self._later: Any = None
        self._over = False

    def end(self) -> Deferred[None]:
        """Stop the outlet; nothing it says is heard any more."""
        self._over = True
        self._refusals.close()
        self._cancel()
        return self.outlet.stop()

    def up(self) -> None:
        """The target can be reached."""
        if not self._over:
            self._owner.become("up", "")
            self._take_in(0.0)

    def down(self, why: str) -> None:
        """It cannot."""
        if not self._over:
            self._owner.become("down", why)

    def ready(self) -> None:
        """There is room."""
        if not self._over:
            self._take_in(0.0)

    def done(self, bale: Bale, first: int, last: int) -> None:
        """Frames are delivered."""
        if not self._over:
            self._source(bale).standing.done(bale, first, last)
            self._owner.delivered(last - first)

    def refused(self, bale: Bale, index: int, why: str) -> None:
        """A round of a frame is over."""
        if not self._over:
            self._refusals.refused(self.outlet, bale, index, why)

    def resent(self, count: int) -> None:
        """Frames left once more."""
        if not self._over:
            self._owner.resent_frames(count)

    def heard(self, frame: Frame) -> None:
        """The target said something of its own."""
        if not self._over:
            self._owner.said(frame)

    def wake(self) -> None:
        """There may be something to send."""
        if not self._over:
            self._take_in(0.0)

    def _source(self, bale: Bale) -> Source:
        return next(source for source in self._sources if bale in source.standing)

    def _take_in(self, seconds: float) -> None:
        if self._later is not None:
            if seconds:
                return
            self._cancel()
        self._later = self._clock.callLater(seconds, self._take)

    def _cancel(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _take(self) -> None:
        self._later = None
        if not self._taking:
            self._taking = True
            self._take_from(list(self._sources))

    def _take_from(self, sources: list[Source]) -> None:
        """Ask one source after the other until one has something."""
        room = self.outlet.room()
        self._most_room = max(self._most_room, room)
        # What is sent again may not fill the room that what lives will need next.
        if len(sources) < len(self._sources) and room < _SPARE * self._most_room:
            sources = []
        if self._over or room <= 0 or not sources:
            self._taking = False
            if not self._over and room > 0:
                self._take_in(EMPTY_S)
            return
        first, *others = sources

        def taken(bales: list[Bale]) -> None:
            if self._over:
                return
            if bales:
                self._give(first, deque(bales))
            else:
                self._take_from(others)

        self._owner.take(first, room).addCallbacks(taken, self._not_taken)

    def _give(self, source: Source, bales: deque[Bale]) -> None:
        """Give them in order, each one once its dead letters are kept."""
        while bales:
            bale = bales[0]
            if bale.unsent:
                self._refusals.keep_unsent(bale, lambda: self._give(source, bales))
                return
            bales.popleft()
            source.standing.taken(bale)
            if bale.count:
                self.outlet.give(bale)
        self._taking = False
        self._take_in(0.0)

    def _not_taken(self, failure: Failure) -> None:
        self._taking = False
        if not self._over:
            self._owner.trouble(failure)
            self._take_in(RETRY_S)

    def _keep(self, bale: Bale, index: int, frame: Parcel, why: str, tries: int) -> Deferred[Any]:
        if index >= 0 and self._source(bale).is_letter(bale, index):
            return succeed(None)
        return self._owner.keep(bale.lane, frame, why, tries)

    def _buried(self, bale: Bale, index: int) -> None:
        self._owner.buried()
        if index >= 0:
            self.outlet.drop(bale, index)
            self._source(bale).standing.done(bale, index, index + 1)
