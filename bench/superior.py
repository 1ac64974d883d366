"""A superior platform that receives forwarded frames, well or badly, and keeps what it got.

It believes nothing but its own reading of frames, and judges doubles as the standard says, by MN,
QN and CN. Lives in a thread; all methods may be called from any.
Test: tests/bench/test_superior.py.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, cast

import msgspec

from bench.oracle import crc_text

Key = tuple[str, str, str]  # MN, QN, CN


class Manner(msgspec.Struct):
    """How a platform behaves; may be changed while it runs.

    ``answers``: which frames it acknowledges, by their key. ``delay_s``: before an answer, up to
    twice as long. ``closes_after``: frames of a connection, then it closes it; None: never.
    ``closes``: the chance to close after a frame. ``reads``: whether it reads at all.
    ``answer``: what it says instead of a right answer, made of that.
    """

    answers: Callable[[Key], bool] = lambda _: True
    delay_s: float = 0.0
    closes_after: int | None = None
    closes: float = 0.0
    reads: bool = True
    answer: Callable[[bytes], bytes] = lambda right: right


class Received(msgspec.Struct, frozen=True):
    """A frame that arrived for the first time; ``raw`` without its line end."""

    key: Key
    raw: bytes


class Superior:
    """One platform. ``received``: first arrivals, in order; ``doubled``: how often a frame came
    again; ``broken``: pieces that are no frame."""

    def __init__(
        self, manner: Manner | None = None, *, seed: int = 1, tls: ssl.SSLContext | None = None
    ) -> None:
        self.manner = manner or Manner()
        self.received: list[Received] = []
        self.doubled: Counter[Key] = Counter()
        self.broken = 0
        self.connects = 0
        self.port = 0
        self.random = Random(seed)
        self._seen: set[Key] = set()
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="superior")
        self._thread.start()

    def __enter__(self) -> Superior:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def open(self) -> None:
        """Listen, on the same port each time."""
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)

    def close(self) -> None:
        """Listen no more and break all connections."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)

    def say(self, raw: bytes) -> None:
        """Send bytes to whoever is connected."""

        def say() -> None:
            for link in self._links:
                link.transport.write(raw)

        self._loop.call_soon_threadsafe(say)

    def read_again(self) -> None:
        """After ``manner.reads`` was false."""
        self.manner.reads = True

        def resume() -> None:
            for link in self._links:
                link.transport.resume_reading()

        self._loop.call_soon_threadsafe(resume)

    def took(self, key: Key, raw: bytes) -> None:
        """A frame came."""
        if key in self._seen:
            self.doubled[key] += 1
            return
        self._seen.add(key)
        self.received.append(Received(key, raw))

    async def _open(self) -> None:
        if self._server is None:
            self._server = await self._loop.create_server(
                lambda: _Link(self, self._links), "127.0.0.1", self.port, ssl=self._tls
            )
            self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for link in list(self._links):
            link.transport.abort()
        if server is not None:
            await server.wait_closed()
        await asyncio.sleep(0)


class _Link(asyncio.Protocol):
    """One connection."""

    transport: Any

    def __init__(self, platform: Superior, links: set[_Link]) -> None:
        self._platform = platform
        self._links = links
        self._buffer = bytearray()
        self._taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._links.add(self)
        self._platform.connects += 1
        if not self._platform.manner.reads:
            self.transport.pause_reading()

    def connection_lost(self, _: Exception | None) -> None:
        self._links.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        manner = self._platform.manner
        while not self.transport.is_closing() and (frame := self._frame()):
            raw, fields = frame
            key = (fields.get("MN", ""), fields.get("QN", ""), fields.get("CN", ""))
            self._platform.took(key, raw)
            self._taken += 1
            if manner.answers(key):
                self._answer(fields, manner)
            if self._taken == manner.closes_after or (
                manner.closes and self._platform.random.random() < manner.closes
            ):
                self.transport.close()
        if not manner.reads:
            self.transport.pause_reading()

    def _answer(self, fields: dict[str, str], manner: Manner) -> None:
        flag = int(fields.get("Flag", "0"))
        if not flag & 1:
            return
        segment = (
            f"QN={fields.get('QN', '')};ST=91;CN=9014;PW={fields.get('PW', '')};"
            f"MN={fields.get('MN', '')};Flag={flag & ~3};CP=&&&&"
        ).encode()
        said = manner.answer(b"##%04d%b%b\r\n" % (len(segment), segment, crc_text(segment)))
        if manner.delay_s:
            wait = self._platform.random.uniform(0, 2) * manner.delay_s
            asyncio.get_running_loop().call_later(wait, self._say, said)
        else:
            self._say(said)

    def _say(self, said: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(said)

    def _frame(self) -> tuple[bytes, dict[str, str]] | None:
        """The next whole frame and the fields of its head; what is none is counted."""
        buffer = self._buffer
        while len(buffer) >= 12:
            if not buffer.startswith(b"##") or not buffer[2:6].isdigit():
                self._platform.broken += 1
                skipped = buffer.find(b"##", 1)
                del buffer[: skipped if skipped > 0 else len(buffer)]
                continue
            end = 6 + int(buffer[2:6]) + 4
            if len(buffer) < end + 2:
                return None
            raw = bytes(buffer[:end])
            whole = (
                raw[end - 4 :] == crc_text(raw[6 : end - 4]) and buffer[end : end + 2] == b"\r\n"
            )
            del buffer[: end + 2]
            if not whole:
                self._platform.broken += 1
                continue
            head = raw[6:].decode("latin-1").partition(";CP=&&")[0]
            return raw, dict(part.split("=", 1) for part in head.split(";") if "=" in part)
        return None
