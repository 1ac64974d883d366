"""One link: bytes from a transport into the intake, answers back, reading paused in between.

Everything about frames is in `intake.py`, everything timed in `sweep.py`.
Tests: tests/link/test_way_of_a_frame.py, tests/link/test_sweep.py.
"""

from __future__ import annotations

import asyncio
from typing import cast

from hj212d.link.addresses import written
from hj212d.link.admission import Gate
from hj212d.link.closes import Close
from hj212d.link.limits import PeerAddress
from hj212d.link.links import Links
from hj212d.link.state import CLOSING, JOURNAL, NEVER, PEER, SHARE, WORKER, LinkState
from hj212d.wire import codec


class Connection(LinkState, asyncio.Protocol):
    """A link and its transport."""

    __slots__ = ("cutter", "links", "transport")

    def __init__(
        self,
        links: Links,
        number: int,
        gate: Gate,
        address: PeerAddress,
        port: int,
        now: float,
    ) -> None:
        super().__init__(number, gate, address, port, now)
        self.links = links
        self.cutter = self._cutter()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport stands: record the link, start reading."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(self.links.intake.settings.link_pending_bytes)
        host, port = transport.get_extra_info("sockname")[:2]
        self.links.intake.opened(self, written(host, port))
        if self.links.reading_paused:
            self.pause(WORKER)

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        links = self.links
        now = links.clock()
        self.active_at = now
        self.bytes_in += len(data)
        links.counters.read(len(data))
        try:
            cuts = self.cutter.feed(data)
            close = links.intake.take(self, cuts, now) if cuts else None
        except Exception as fault:  # noqa: BLE001 - our fault ends this link, not the worker
            self._fail(fault, data)
            return
        if not self.cutter.pending:
            self.partial_at = NEVER
        elif cuts or self.partial_at == NEVER:
            self.partial_at = now
        if close is not None:
            self.close(close)
            return
        if self.pending > links.intake.settings.link_pending_bytes:
            self.pause(JOURNAL)
        wait_s = self.address.spend(len(data), now)
        if wait_s:
            self.pause(SHARE)
            links.throttled[self] = now + wait_s

    def expire(self, now: float) -> None:
        """Give up the half frame: record it, and read what stands behind it."""
        self.partial_at = NEVER
        self.half_frames += 1
        try:
            close = self.links.intake.take(self, self.cutter.expire(), now)
        except Exception as fault:  # noqa: BLE001 - as above
            self._fail(fault, b"")
            return
        if self.cutter.pending:
            self.partial_at = now
        if close is None and self.half_frames >= 3:
            close = Close.HALF_FRAMES
        if close is not None:
            self.close(close)

    def renew(self) -> bool:
        """Cut by the settings in force now; False while a half frame is held, which must be
        finished first."""
        if self.cutter.pending:
            return False
        junk = self.cutter.expire()
        self.cutter = self._cutter()
        if junk:
            self.links.intake.take(self, junk, self.links.clock())
        return True

    def durable(self, answers: list[bytes], count: int) -> None:
        """Records are on disk: let their answers leave, in one write."""
        self.pending -= count
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if answers:
            transport.write(answers[0] if len(answers) == 1 else b"".join(answers))
            self.links.counters.acked(len(answers))
        if self.pauses & JOURNAL:
            limit = self.links.intake.settings.link_pending_bytes
            if self.pending <= limit // 2:
                self.resume(JOURNAL)
        if self.why is not None and not self.pending:
            transport.close()

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
        else:
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
            self.links.intake.take(self, self.cutter.expire(), now)
        except Exception as fault:  # noqa: BLE001 - as above
            self.links.counters.link_fault(fault, self.mn, self.number, b"")
        self.links.closed(self, now)

    def _cutter(self) -> codec.Cutter:
        return codec.Cutter(self.links.intake.settings.max_segment_bytes, self.gate.tolerances)

    def _fail(self, fault: Exception, data: bytes) -> None:
        self.links.counters.link_fault(fault, self.mn, self.number, data)
        if data:
            self.links.intake.lost(self, data)
        self.close(Close.ERROR)
