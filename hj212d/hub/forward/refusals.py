"""What becomes of frames that a target does not take: more rounds, then a dead letter.

While dead letters cannot be kept (the registry is away, or there are too many) the frame waits
here, and with it the target's place. Tests: tests/hub/forward/test_refusals.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from hj212d.hub.forward.bale import Bale, Parcel
from hj212d.hub.forward.outlet import Outlet

RETRY_S = 5.0
Frame = tuple[int, int]


class Refusals:
    """The refused frames of one outlet.

    ``keep``: makes a dead letter of a frame, index -1 of its bale when it was not even sent; its
    Deferred fires when that is durable. ``buried``: called then. ``trouble``: gets the reason for
    which one could not be kept, which is tried again.
    """

    def __init__(
        self,
        clock: Any,
        rounds: int,
        *,
        keep: Callable[[Bale, int, Parcel, str, int], Deferred[Any]],
        buried: Callable[[Bale, int], None],
        trouble: Callable[[Failure], None],
    ) -> None:
        self._clock = clock
        self._most = rounds
        self._keep = keep
        self._buried = buried
        self._trouble = trouble
        self._rounds: dict[Frame, int] = {}
        self._bales: dict[int, Bale] = {}  # of those frames: an id must stay its own
        self._closed = False

    def close(self) -> None:
        """The outlet is given up: what it was refused begins anew with the next one."""
        self._closed = True

    def refused(self, outlet: Outlet, bale: Bale, index: int, why: str) -> None:
        """A round of a frame is over."""
        key = (id(bale), index)
        self._bales[id(bale)] = bale
        self._rounds[key] = self._rounds.get(key, 0) + 1
        if self._rounds[key] < self._most:
            outlet.again(bale, index)
        else:
            self._bury(bale, index, why)

    def keep_unsent(self, bale: Bale, then: Callable[[], None]) -> None:
        """Make dead letters of what a bale could not even send; ``then`` when all are kept."""
        if not bale.unsent:
            then()
            return
        one, *others = bale.unsent
        parcel = Parcel(one.raw, one.mn, one.cn, "", "", one.position, one.received_us)

        def kept(_: Any) -> None:
            bale.unsent = tuple(others)
            if not self._closed:
                self._buried(bale, -1)
                self.keep_unsent(bale, then)

        self._keep(bale, -1, parcel, one.why, 0).addCallbacks(
            kept, self._later, errbackArgs=(self.keep_unsent, bale, then)
        )

    def _bury(self, bale: Bale, index: int, why: str) -> None:
        key = (id(bale), index)

        def kept(_: Any) -> None:
            if self._closed:
                return
            del self._rounds[key]
            if not any(number == id(bale) for number, _ in self._rounds):
                del self._bales[id(bale)]
            self._buried(bale, index)

        rounds = self._rounds[key]
        self._keep(bale, index, bale.frame(index), why, rounds).addCallbacks(
            kept, self._later, errbackArgs=(self._bury, bale, index, why)
        )

    def _later(self, failure: Failure, again: Callable[..., None], *arguments: Any) -> None:
        """It could not be kept: say so, and try again."""
        if self._closed:
            return
        self._trouble(failure)

        def retry() -> None:
            if not self._closed:
                again(*arguments)

        self._clock.callLater(RETRY_S, retry)
