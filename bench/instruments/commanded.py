"""Many light instruments on real sockets that do nothing but answer 1011: the clock is read.

As light as it can be, so that thousands of them leave the processors to the server; those that
behave like a data logger are datalogger.py's. Test: tests/bench/test_commanding.py.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import uvloop

from bench.instruments.clock import date_text, qn_text
from hj212d.wire import build

OPEN_AT_ONCE = 50
OPEN_WITHIN_S = 60.0
_REQUEST = re.compile(rb"QN=(\d{17});ST=\w+;CN=(\d{4});PW=(\w+);MN=(\w+);[^\n]*\r\n")


def mns(count: int) -> list[str]:
    """Their MNs."""
    return [f"C0DE{n:020X}" for n in range(count)]


class Commanded(asyncio.Protocol):
    """One instrument; it says a reading when it comes, so that its MN is known."""

    def __init__(self, fleet: CommandedFleet, mn: str) -> None:
        self._fleet, self._mn = fleet, mn
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._fleet.transports.add(self._transport)
        now = time.time()
        cp = f"DataTime={date_text(now)};a34004-Rtd=21.0,a34004-Flag=N"
        self._write("2011", qn_text(int(now * 1000)), "22", "123456", 5, cp)

    def connection_lost(self, _: Exception | None) -> None:
        self._fleet.lost += not self._fleet.closing
        if self._transport is not None:
            self._fleet.transports.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = 0
        for found in _REQUEST.finditer(self._buffer):
            end = found.end()
            qn, cn, pw = found[1].decode(), found[2], found[3].decode()
            if cn == b"9014":
                self._fleet.known += 1
            elif cn == b"1011":
                self._fleet.asked += 1
                self._write("9011", qn, "91", pw, 4, "QnRtn=1")
                self._write("1011", qn, "22", pw, 4, f"SystemTime={date_text(time.time())}")
                self._write("9012", qn, "91", pw, 4, "ExeRtn=1")
            else:
                self._fleet.unexpected += 1
        self._buffer = self._buffer[end:]

    def _write(self, cn: str, qn: str, st: str, pw: str, flag: int, cp: str) -> None:
        assert self._transport is not None
        segment = build.segment(qn=qn, st=st, cn=cn, pw=pw, mn=self._mn, flag=flag, cp=cp)
        self._transport.write(build.frame(segment))


class CommandedFleet:
    """``count`` of them; use :meth:`running`. ``known``: whose first reading was acknowledged."""

    def __init__(self, count: int, host: str, port: int, source: str = "127.0.0.200") -> None:
        self.count = count
        self.known = self.asked = self.unexpected = self.lost = 0
        self.closing = False
        self.transports: set[asyncio.Transport] = set()
        self._where = (host, port)
        self._source = source

    @contextmanager
    def running(self) -> Iterator[CommandedFleet]:
        """A loop in a thread of its own, all links open and known. TimeoutError when not."""
        loop = uvloop.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._open(), loop).result(OPEN_WITHIN_S)
            yield self
        finally:
            self.closing = True
            asyncio.run_coroutine_threadsafe(self._close(), loop).result(OPEN_WITHIN_S)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _open(self) -> None:
        at_once = asyncio.Semaphore(OPEN_AT_ONCE)
        loop = asyncio.get_running_loop()

        async def one(mn: str) -> None:
            async with at_once:
                await loop.create_connection(
                    lambda: Commanded(self, mn), *self._where, local_addr=(self._source, 0)
                )

        async with asyncio.timeout(OPEN_WITHIN_S):
            await asyncio.gather(*map(one, mns(self.count)))
            while self.known < self.count:
                await asyncio.sleep(0.02)

    async def _close(self) -> None:
        for transport in list(self.transports):
            transport.abort()
        while self.transports:
            await asyncio.sleep(0.01)
