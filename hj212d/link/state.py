"""What is remembered of one link: who, since when, how much, in what state.

Small, because tens of thousands are held: no dictionary, no object that only repeats another.
The transport side is `connection.py`. Tests: tests/link/test_sweep.py.
"""

from __future__ import annotations

from hj212d.link.addresses import written
from hj212d.link.admission import Gate
from hj212d.link.closes import Close
from hj212d.link.express import Express, ExpressLink
from hj212d.link.limits import PeerAddress
from hj212d.link.pauses import NEVER


class LinkState(ExpressLink):
    """Times are those of the worker's clock (seconds, monotonic).

    ``active_at``: last byte, or the moment from which silence counts. ``partial_at``: when the
    half frame held began, NEVER without one. ``pauses``: bits, who wants reading paused.
    ``pending``: bytes of records that wait for the journal. ``junk_run``: bytes outside frames
    since the last good frame. ``why``: set once the end of the link is decided. ``cutter``: only
    while it holds a half frame or junk that may go on. ``held_back``: the transport may hold bytes
    that must leave before any answer.
    """

    __slots__ = ()

    address: PeerAddress

    def __init__(
        self,
        express: Express,
        number: int,
        gate: Gate,
        address: PeerAddress,
        port: int,
        now: float,
    ) -> None:
        self.express = express
        self.number = number
        self.gate = gate
        self.address = address
        self.port = port
        self.opened_at = now
        self.active_at = now
        self.partial_at = NEVER
        self.half_frames = 0
        self.pauses = 0
        self.pending = 0
        self.bytes_in = 0
        self.frames = 0
        self.rejected = 0
        self.junk = 0
        self.junk_run = 0
        self.mn = ""  # of the last good frame
        self.why = None
        self.transport = None
        self.fd = -1
        self.held_back = False
        self.cutter = None

    @property
    def ip(self) -> str:
        """Address of the peer."""
        return self.address.ip

    @property
    def peer(self) -> str:
        """Address and port of the peer, as people read it."""
        return written(self.address.ip, self.port)

    def durable(self, answers: bytes, number: int, count: int) -> None:
        """``count`` bytes of this link's records are on disk, and these answers, ``number`` of
        them, may leave."""
        raise NotImplementedError

    def pause(self, who: int) -> None:
        """Stop reading on behalf of ``who``."""
        raise NotImplementedError

    def resume(self, who: int) -> None:
        """``who`` has no objection any more; reading goes on when nobody has one."""
        raise NotImplementedError

    def expire(self, now: float) -> None:
        """Give up the half frame, and read what stands behind it."""
        raise NotImplementedError

    def renew(self) -> bool:
        """Cut by the settings in force now; False: not yet, try again later."""
        raise NotImplementedError

    def close(self, why: Close) -> None:
        """End the link once its answers are out; the first reason given stays."""
        raise NotImplementedError

    def abort(self) -> None:
        """End the link now, with answers unsent."""
        raise NotImplementedError
