"""The seam to the express (_express.pyx), and its twins, which leave all to the ordinary way.

HJ212D_CODEC=python brings the twins back, as it does for the wire.
Tests: tests/link/test_express.py.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Container
from typing import TYPE_CHECKING, Protocol

from hj212d.link.pauses import JOURNAL
from hj212d.wire import codec

if TYPE_CHECKING:
    from hj212d.link.admission import Gate
    from hj212d.link.closes import Close

__all__ = ["COMPILED", "Allowance", "Commits", "Express", "ExpressLink", "wall_us"]

COMPILED = False

if not TYPE_CHECKING and codec.NAME == "compiled":
    try:
        from hj212d.link._express import Allowance, Commits, Express, ExpressLink, wall_us
    except ImportError:
        pass
    else:
        COMPILED = True

if not COMPILED:
    from hj212d.link.commits import Commits

    def wall_us() -> int:
        """UTC now, in microseconds since 1970."""
        return time.time_ns() // 1000

    class Express:
        """What the links of a worker share on the express way: here, their clock and a limit."""

        def __init__(
            self,
            commits: Commits,
            clock: Callable[[], float],
            now_us: Callable[[], int],  # noqa: ARG002
            moved: Container[int],  # noqa: ARG002
        ) -> None:
            self.commits = commits
            self.clock = clock
            self.link_pending_bytes = 0

        def set(
            self,
            answer_of: Callable[[str, str, bool | None], str | None],  # noqa: ARG002
            link_pending_bytes: int,
        ) -> None:
            """Settings from now on."""
            self.link_pending_bytes = link_pending_bytes

    class Rate(Protocol):
        """What limits an address (limits.AddressLimits)."""

        bytes_per_s: float

    class Allowance:
        """Bytes a second of one peer address. A bucket holds at most what one second brings."""

        __slots__ = ("_at", "_left", "limits")

        def __init__(self, limits: Rate, now: float) -> None:
            self.limits: Rate = limits
            self._left = limits.bytes_per_s
            self._at = now

        def spend(self, count: int, now: float) -> float:
            """Account for ``count`` bytes read; seconds to wait before reading on, 0.0: none.

            The bytes are taken in any case: what exceeds the share is a debt to be waited for.
            """
            rate = self.limits.bytes_per_s
            self._left = min(self._left + (now - self._at) * rate, rate) - count
            self._at = now
            return -self._left / rate if self._left < 0.0 else 0.0

        def unspent(self, now: float) -> bool:
            """Whether nothing is spent any more."""
            rate = self.limits.bytes_per_s
            return self._left + (now - self._at) * rate >= rate

    class ExpressLink:
        """What is remembered of a link (state.LinkState), and its bytes' first way."""

        __slots__ = (
            "active_at",
            "address",
            "bytes_in",
            "cutter",
            "express",
            "fd",
            "frames",
            "gate",
            "half_frames",
            "held_back",
            "junk",
            "junk_run",
            "mn",
            "number",
            "opened_at",
            "partial_at",
            "pauses",
            "pending",
            "port",
            "rejected",
            "transport",
            "why",
        )

        active_at: float
        opened_at: float
        partial_at: float
        number: int
        bytes_in: int
        frames: int
        rejected: int
        junk: int
        junk_run: int
        pending: int
        half_frames: int
        pauses: int
        port: int
        fd: int
        held_back: bool
        mn: str
        gate: Gate
        address: Allowance
        why: Close | None
        transport: asyncio.Transport | None
        cutter: codec.Cutter | None
        express: Express

        badged = True  # nobody need give one

        def give_badge(self, limit: int, password: bytes | None) -> None:
            """A good frame of ``self.mn`` was accepted: the next plain ones of at most ``limit``
            bytes, with this PW (None: any), need no decision."""

        def take_badge(self) -> None:
            """The next frame is to be judged again."""

        def data_received(self, data: bytes) -> None:
            """Bytes came in."""
            express = self.express
            now = express.clock()
            size = len(data)
            self.active_at = now
            self.bytes_in += size
            express.commits.bytes_in += size
            self.read(data, 0, now)
            if self.pending > express.link_pending_bytes:
                self.pause(JOURNAL)
            wait_s = self.address.spend(size, now)
            if wait_s > 0:
                self.throttle(now + wait_s)

        def take_plain(self, data: bytes, at: int) -> int:  # noqa: ARG002
            """Take plain frames from ``at`` on; where the first byte that was not taken stands."""
            return at

        def read(self, data: bytes, at: int, now: float) -> None:
            """Take in the ordinary way what stands from ``at`` on."""
            raise NotImplementedError

        def pause(self, who: int) -> None:
            """Stop reading on behalf of ``who``."""
            raise NotImplementedError

        def throttle(self, until: float) -> None:
            """Read nothing before that time: the address has used its share up."""
            raise NotImplementedError
