"""Links that send the oracle's numbered frames, one at a time, until each is acknowledged.

A lost link is opened again and the same bytes go out again; so does an unanswered frame. One
ticker looks after all links, so that thousands of them cost one timer.
Test: tests/system/test_crash.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import cast

from bench.oracle import Ledger, Sent, take_replies

TICK_S = 0.1
RESEND_S = 3.0
CONNECT_TIMEOUT_S = 5.0
OPEN_AT_ONCE = 100


class Link(asyncio.Protocol):
    """One device, over all its connections."""

    def __init__(self, fleet: NumberedFleet, mn: str) -> None:
        self.mn = mn
        self.current: Sent | None = None
        self.transport: asyncio.Transport | None = None
        self.opening = False
        self.next_at = 0.0  # of a frame, or of an attempt to connect
        self._fleet = fleet
        self._sent_at = 0.0
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        self._buffer.clear()
        self._fleet.connects += 1
        if self.current is not None:
            self._send(again=True)

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None
        self._fleet.losses += 1
        self.next_at = time.monotonic() + self._fleet.random.uniform(0.05, 0.5)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        for reply in take_replies(self._buffer):
            sent = self._fleet.ledger.find(reply.mn, reply.qn) if reply else None
            if reply is None or sent is None or reply.cn != "9014" or reply.mn != self.mn:
                self._fleet.complaints.append(f"MN {self.mn} got {reply or data!r}")
                continue
            sent.acked = True
            if sent is self.current:
                now = time.monotonic()
                self.current = None
                self._fleet.acked += 1
                self._fleet.latencies_s.append(now - self._sent_at)
                self._fleet.last_ack = now
                self.next_at = now + self._fleet.random.uniform(0.5, 1.5) * self._fleet.pause_s

    def tick(self, now: float) -> None:
        """Send the next frame or the last one again, when it is time."""
        if self.transport is None:
            return
        if self.current is not None:
            if now - self._sent_at >= RESEND_S:
                self._send(again=True)
        elif now >= self.next_at and self._fleet.issuing:
            self.current = self._fleet.ledger.issue(self.mn)
            self._send()

    def _send(self, again: bool = False) -> None:
        assert self.transport is not None
        assert self.current is not None
        self._sent_at = time.monotonic()
        self._fleet.resent += again
        self.transport.write(self.current.raw + b"\r\n")


class NumberedFleet:
    """The links of a crash test. ``pause_s``: mean time from an acknowledgement to the next
    frame. ``complaints``: replies that no frame of that link asked for."""

    def __init__(self, links: int, *, seed: int, pause_s: float) -> None:
        self.ledger = Ledger()
        self.random = Random(seed)
        self.pause_s = pause_s
        self.issuing = True
        self.acked = self.resent = self.connects = self.losses = 0
        self.last_ack = 0.0
        self.latencies_s: deque[float] = deque(maxlen=100_000)
        self.complaints: deque[str] = deque(maxlen=100)
        self.links = [Link(self, f"C0DE{seed:08X}{n:012X}") for n in range(links)]
        self._opening: set[asyncio.Task[None]] = set()
        self._ticker: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def on(self, host: str, port: int) -> AsyncIterator[None]:
        """The links live on that server for the length of the block."""
        self._ticker = asyncio.create_task(self._run(host, port))
        try:
            yield
        finally:
            tasks = (self._ticker, *self._opening)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for link in self.links:
                if link.transport is not None:
                    link.transport.abort()
            await asyncio.sleep(0)

    @property
    def up(self) -> int:
        """Links that are connected."""
        return sum(link.transport is not None for link in self.links)

    @property
    def waiting(self) -> int:
        """Frames that are sent and not acknowledged."""
        return sum(link.current is not None for link in self.links)

    def check(self) -> None:
        """Raise what ended the ticker, if anything did."""
        if self._ticker is not None and self._ticker.done():
            self._ticker.result()

    def send_one(self, mn: str) -> Link:
        """A new device that sends one frame; acknowledged when its ``current`` is None again."""
        link = Link(self, mn)
        link.current = self.ledger.issue(mn)
        self.links.append(link)
        return link

    async def quiet(self, timeout_s: float) -> bool:
        """No new frames; wait until all that were sent are acknowledged."""
        self.issuing = False
        end = time.monotonic() + timeout_s
        while self.waiting and time.monotonic() < end:
            self.check()
            await asyncio.sleep(TICK_S)
        return not self.waiting

    async def _run(self, host: str, port: int) -> None:
        while True:
            now = time.monotonic()
            for link in self.links:
                link.tick(now)
                if (
                    link.transport is None
                    and not link.opening
                    and now >= link.next_at
                    and len(self._opening) < OPEN_AT_ONCE
                ):
                    link.opening = True
                    task = asyncio.create_task(self._open(link, host, port))
                    self._opening.add(task)
                    task.add_done_callback(self._opening.discard)
            await asyncio.sleep(TICK_S)

    async def _open(self, link: Link, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(
                    loop.create_connection(lambda: link, host, port),
                    CONNECT_TIMEOUT_S,
                )
        finally:
            link.opening = False
            if link.transport is None:
                link.next_at = time.monotonic() + self.random.uniform(0.2, 1.0)
