"""Many plain links: one realistic frame (12 factors) per interval each, one reply each.

As light as it can be, so that thousands of links leave the processors to the server: frames of a
moment share a few bodies, one ticker serves all. Test: tests/system/test_soak.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Sequence
from typing import cast

from bench.instruments import content, roster
from bench.instruments.clock import qn_text
from bench.oracle import take_replies
from hj212d.wire import build

TICK_S = 0.05
REPLY_TIMEOUT_S = 10.0
_BODIES = 20
_OPEN_AT_ONCE = 50


class SteadyLink(asyncio.Protocol):
    """One device on one connection that is never opened twice: a lost link stays lost."""

    def __init__(self, fleet: SteadyFleet, mn: str) -> None:
        self.mn = mn
        self.transport: asyncio.Transport | None = None
        self.was_open = False
        self.raw = b""  # of the frame that waits for its reply
        self.sent_at = 0.0
        self._qn = ""
        self._fleet = fleet
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        self.was_open = True

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None
        self._fleet.lost += not self._fleet.closing

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        for reply in take_replies(self._buffer):
            if reply is None or reply.cn != "9014" or reply.qn != self._qn or not self.raw:
                self._fleet.unexpected += 1
                continue
            self._fleet.acked += 1
            self._fleet.latencies_s.append(time.monotonic() - self.sent_at)
            self.raw = b""

    def send(self, qn: str, raw: bytes) -> None:
        """A new frame; the one before counts as unanswered if it still waits."""
        self._fleet.unanswered += bool(self.raw)
        self._qn, self.raw = qn, raw
        self._write()
        self._fleet.sent += 1

    def resend(self) -> None:
        """The same bytes once more."""
        self._write()
        self._fleet.resent += 1

    def _write(self) -> None:
        assert self.transport is not None
        self.sent_at = time.monotonic()
        self.transport.write(self.raw)


class SteadyFleet:
    """``links`` devices on ``addresses`` (source addresses, in turn)."""

    def __init__(
        self, links: int, host: str, port: int, *, interval_s: float, addresses: Sequence[str]
    ) -> None:
        self.sent = self.acked = self.resent = self.unanswered = 0
        self.lost = self.refused = self.unexpected = 0
        self.closing = False
        self.latencies_s: deque[float] = deque(maxlen=200_000)
        self.links = [SteadyLink(self, f"50AC{n:020X}") for n in range(links)]
        self._host, self._port = host, port
        self._interval_s = interval_s
        self._addresses = addresses
        self._stations = [
            each for each in roster.make(_BODIES * 4, 1, odd_share=0) if each.kind == "air"
        ][:_BODIES]

    @property
    def up(self) -> int:
        """Links that are connected."""
        return sum(link.transport is not None for link in self.links)

    async def open(self, links_per_s: float) -> None:
        """Open all links, no faster than that."""
        began = time.monotonic()
        at_once = asyncio.Semaphore(_OPEN_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for n, link in enumerate(self.links):
                ahead = n / links_per_s - (time.monotonic() - began)
                if ahead > 0:
                    await asyncio.sleep(ahead)
                await at_once.acquire()
                group.create_task(self._open(link, n, at_once))

    async def _open(self, link: SteadyLink, n: int, at_once: asyncio.Semaphore) -> None:
        source = self._addresses[n % len(self._addresses)]
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(
                lambda: link, self._host, self._port, local_addr=(source, 0)
            )
        except OSError:
            self.refused += 1
        finally:
            at_once.release()

    async def run(self, seconds: float) -> None:
        """Send on all links, evenly spread over the interval, and wait for the last replies."""
        count = len(self.links)
        began = time.monotonic()
        done = 0  # frames due so far, over all links
        while (elapsed := time.monotonic() - began) < seconds:
            due = int(elapsed / self._interval_s * count)
            if due > done:
                self._send_due(range(done, due))
                done = due
            self._resend_late()
            await asyncio.sleep(TICK_S)
        end = time.monotonic() + REPLY_TIMEOUT_S
        while time.monotonic() < end and any(each.raw and each.transport for each in self.links):
            await asyncio.sleep(TICK_S)

    def _send_due(self, numbers: range) -> None:
        now = time.time()
        stamp = int(now * 1000)
        bodies: dict[int, str] = {}
        for number in numbers:
            link = self.links[number % len(self.links)]
            if link.transport is None:
                continue
            which = number % len(self._stations)
            if which not in bodies:
                bodies[which] = self._body(which, now)
            qn = qn_text(stamp)
            segment = f"QN={qn};ST=22;CN=2011;PW=123456;MN={link.mn};Flag=5;CP=&&{bodies[which]}&&"
            link.send(qn, build.frame(segment.encode()))

    def _body(self, which: int, now: float) -> str:
        station = self._stations[which]
        items = [*content.real_time(station, now), "a34001-Rtd=87.210,a34001-Flag=N"]
        return content.packets(station, now, items)[0]

    def _resend_late(self) -> None:
        late = time.monotonic() - REPLY_TIMEOUT_S
        for link in self.links:
            if link.raw and link.sent_at < late and link.transport is not None:
                link.resend()

    async def close(self) -> None:
        """Close all links."""
        self.closing = True
        for link in self.links:
            if link.transport is not None:
                link.transport.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                while self.up:
                    await asyncio.sleep(TICK_S)
