"""One link: bytes from a transport into the intake, answers back, reading paused in between.

Everything about frames is in `intake.py`, everything timed in `sweep.py`.
Tests: tests/link/test_way_of_a_frame.py, tests/link/test_sweep.py.
"""

from __future__ import annotations

import asyncio
from typing import cast

from hj212d.link.admission import Gate
from hj212d.link.closes import Close
from hj212d.link.express import COMPILED
from hj212d.link.limits import PeerAddress
from hj212d.link.links import Links
from hj212d.link.pauses import CLOSING, JOURNAL, NEVER, OTHERS, PEER, SHARE, TURN, WORKER
from hj212d.link.state import LinkState
from hj212d.wire import codec

TURN_BYTES = 16384  # in the ordinary way, about a millisecond
FRAME_BYTES = 30  # no frame is shorter


class Connection(LinkState, asyncio.Protocol):
    """A link and its transport."""

    __slots__ = ("links", "local", "rest")

    def __init__(
        self,
        links: Links,
        number: int,
        gate: Gate,
        address: PeerAddress,
        port: int,
        local: str,
        now: float,
    ) -> None:
        """``local``: our side's address as people read it."""
        super().__init__(links.express, number, gate, address, port, now)
        self.links = links
        self.local = local
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport stands: record the link, start reading."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(self.links.intake.settings.link_pending_bytes)
        self.links.intake.opened(self, self.local)
        if self.links.reading_paused:
            self.pause(WORKER)

    def read(self, data: bytes, at: int, now: float) -> None:
        """The ordinary way: from one ``##`` to the next where the express may go on behind it, and
        so far that nobody else waits long."""
        size = len(data)
        judged = 0
        while at < size:
            full = self.pending > self.express.link_pending_bytes
            if (full or judged >= TURN_BYTES) and self.why is None:
                self.rest = data[at:]
                self.pause(TURN)
                self.links.take_turns(self)
                return
            stop = data.find(b"##", at + FRAME_BYTES) if COMPILED else min(size, at + TURN_BYTES)
            before = at
            at = self._read_piece(data, at, size if stop < 0 else stop, now)
            judged += at - before
            if self.cutter is None:
                at = self.take_plain(data, at)

    def go_on(self) -> None:
        """Read what was left for a later turn, unless there is more to wait for."""
        if self.pauses & OTHERS:
            return
        rest, self.rest = self.rest, b""
        self.read(rest, 0, self.links.clock())
        if self.pending > self.express.link_pending_bytes:
            self.pause(JOURNAL)
        if not self.rest:
            self.resume(TURN)
            if self.why is not None:
                self.close(self.why)

    def expire(self, now: float) -> None:
        """Give up the half frame: record it, and read what stands behind it."""
        self.partial_at = NEVER
        self.half_frames += 1
        cutter = self.cutter
        if cutter is None:
            return
        try:
            close = self.links.intake.take(self, cutter.expire(), now)
        except Exception as fault:  # noqa: BLE001 - our fault ends this link, not the worker
            self._fail(fault, b"")
            return
        if cutter.pending:
            self.partial_at = now
        else:
            self.cutter = None
        if close is None and self.half_frames >= 3:
            close = Close.HALF_FRAMES
        if close is not None:
            self.close(close)

    def renew(self) -> bool:
        """Cut by the settings in force now; False while a half frame is held, which must be
        finished first."""
        cutter = self.cutter
        if cutter is None:
            return True
        if cutter.pending:
            return False
        self.cutter = None
        self.links.intake.take(self, cutter.expire(), self.links.clock())
        return True

    def durable(self, answers: bytes, number: int, count: int) -> None:
        """Records are on disk: let their answers leave, in one write."""
        self.pending -= count
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if number:
            transport.write(answers)
            self.express.commits.acked += number
        if self.pauses & JOURNAL and self.pending <= self.express.link_pending_bytes // 2:
            self.resume(JOURNAL)
        if self.why is not None and not self.pending and not self.rest:
            transport.close()

    def throttle(self, until: float) -> None:
        """Read nothing before that time: the address has used its share up."""
        self.pause(SHARE)
        self.links.throttled[self] = until

    def pause_writing(self) -> None:
        """The peer does not read its answers: take nothing more from it."""
        self.active_at = self.links.clock()
        self.pause(PEER)

    def resume_writing(self) -> None:
        """The peer reads again."""
        self.resume(PEER)

    def pause(self, who: int) -> None:
        """Stop reading on behalf of ``who``."""
        transport = self.transport
        if transport is not None and not self.pauses and not transport.is_closing():
            transport.pause_reading()
        self.pauses |= who

    def resume(self, who: int) -> None:
        """``who`` has no objection any more; silence counts from now on."""
        if not self.pauses & who:
            return
        self.pauses &= ~who
        if self.pauses & TURN and not self.pauses & OTHERS:
            self.links.take_turns(self)
        transport = self.transport
        if transport is not None and not self.pauses and not transport.is_closing():
            now = self.links.clock()
            self.active_at = now
            if self.partial_at != NEVER:
                self.partial_at = now
            transport.resume_reading()

    def eof_received(self) -> bool:
        """The peer sends no more: answer what is under way, then close."""
        self.close(Close.PEER)
        return True

    def close(self, why: Close) -> None:
        """End the link once its answers are out; the first reason given stays."""
        if self.why is None:
            self.why = why
            self.active_at = self.links.clock()
        transport = self.transport
        if transport is None:
            return
        if why is Close.WRITE_STUCK:
            transport.abort()
        elif self.pending:
            self.pause(CLOSING)
        elif not self.rest:
            transport.close()

    def abort(self) -> None:
        """End the link now, with answers unsent."""
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone: record what was left, then the end of the link."""
        self.transport = None
        if self.why is None:
            self.why = Close.PEER if exc is None else Close.RESET
        now = self.links.clock()
        try:
            rest, self.rest = self.rest, b""
            cutter = self.cutter or self._cutter()
            self.cutter = None
            self.links.intake.take(self, [*cutter.feed(rest), *cutter.expire()], now)
        except Exception as fault:  # noqa: BLE001 - as above
            self.links.counters.link_fault(fault, self.mn, self.number, b"")
        self.links.closed(self, now)

    def _read_piece(self, data: bytes, at: int, stop: int, now: float) -> int:
        """Cut, read and record a piece of what came in; where the next one begins."""
        cutter = self.cutter or self._cutter()
        try:
            cuts = cutter.feed(data[at:stop])
            close = self.links.intake.take(self, cuts, now) if cuts else None
        except Exception as fault:  # noqa: BLE001 - as above
            self._fail(fault, data[at:])
            return len(data)
        self.cutter = None if cutter.empty else cutter
        if not cutter.pending:
            self.partial_at = NEVER
        elif cuts or self.partial_at == NEVER:
            self.partial_at = now
        if close is not None:
            self.close(close)
        return stop

    def _cutter(self) -> codec.Cutter:
        return codec.Cutter(self.links.intake.settings.max_segment_bytes, self.gate.tolerances)

    def _fail(self, fault: Exception, data: bytes) -> None:
        self.cutter = None
        self.links.counters.link_fault(fault, self.mn, self.number, data)
        if data:
            self.links.intake.lost(self, data)
        self.close(Close.ERROR)
