"""A worker's line to the hub: counters each second, identities as they happen; and back: what to
send, which devices are different, which links are superseded by newer ones elsewhere.

Intake never waits for it. A hub that is gone or does not read costs nothing but the bounded
buffer of one connection; after a reconnect everything is told again.
Tests: tests/link/test_hublink.py.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable
from typing import cast

import msgspec

from hj212d.link.hubwords import FromHub, Hello, Identified, Left, Sent, Unnamed
from hj212d.unixpath import connect_path

MAX_UNSENT_BYTES = 32 * 1024 * 1024  # 250,000 identities are about 30 MB
MAX_LINE_BYTES = 16 * 1024 * 1024  # a thousand devices with keys and names are 0.3 MB
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0

_log = logging.getLogger("hj212d.link")
_ENCODER = msgspec.json.Encoder()


_INCOMING: msgspec.json.Decoder[FromHub] = msgspec.json.Decoder(FromHub)


class HubLink(asyncio.Protocol):
    """Keeps the connection; told what happens, tells what the hub says."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        path: str,
        hello: Hello,
        identities: Callable[[], Iterable[Identified]],
        hear: Callable[[FromHub | None], None],
    ) -> None:
        """``identities``: all that hold now, asked for after each connect. ``hear``: takes what
        the hub says, and None when a new connection stands, before anything is said on it."""
        self._loop = loop
        self._path = path
        self._hello = hello
        self._identities = identities
        self._hear = hear
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self._held = b""
        self._untold: list[object] = []  # of this turn: thousands reconnect at once

    @property
    def connected(self) -> bool:
        """Whether the hub hears us."""
        return self._transport is not None

    def start(self) -> None:
        """Connect, and connect again whenever the connection breaks."""
        self._task = self._loop.create_task(self._keep_connected())

    async def stop(self) -> None:
        """Send what is still unsent if the hub reads, and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._flush()
        if self._transport is not None:
            self._transport.close()
            try:
                await asyncio.wait_for(self._lost.wait(), 1.0)
            except TimeoutError:
                self._transport.abort()
                await self._lost.wait()

    def identified(self, mn: str, link: int, peer: str, at_us: int) -> None:
        """Tell of an identity."""
        self._send(Identified(mn, link, peer, at_us))

    def left(self, mn: str, link: int) -> None:
        """Tell that a link is gone."""
        self._send(Left(mn, link))

    def unnamed(self, link: int, peer: str) -> None:
        """Tell where a device is that has no MN yet."""
        self._send(Unnamed(link, peer))

    def sent(self, send: int, why: str) -> None:
        """Tell what became of a send."""
        self._send(Sent(send, why))

    def stats(self, figures: dict[str, object]) -> None:
        """Tell the counters."""
        self._send({"op": "stats", **figures})

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who we are and all that holds now."""
        self._transport = cast(asyncio.Transport, transport)
        self._held = b""
        self._lost.clear()
        self._untold.clear()
        self._hear(None)
        self._send(self._hello, *self._identities())

    def data_received(self, data: bytes) -> None:
        """Lines of the hub; answers to our own lines and what we do not know are passed over."""
        *lines, self._held = (self._held + data).split(b"\n")
        for line in lines:
            try:
                message = _INCOMING.decode(line)
            except msgspec.DecodeError:
                continue
            self._hear(message)
        if len(self._held) > MAX_LINE_BYTES and self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Wake whoever connects again."""
        self._transport = None
        self._lost.set()

    def _send(self, *messages: object) -> None:
        if self._transport is None:
            return
        if not self._untold:
            self._loop.call_soon(self._flush)
        self._untold += messages

    def _flush(self) -> None:
        """Write what this turn had to tell."""
        untold, self._untold = self._untold, []
        transport = self._transport
        if transport is None or transport.is_closing() or not untold:
            return
        if transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            # It does not read. A new connection starts from what holds then.
            transport.abort()
            return
        transport.write(_ENCODER.encode_lines(untold))

    async def _keep_connected(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            if await self._connect():
                _log.info("event=hub_connected")
                pause_s = FIRST_PAUSE_S
                await self._lost.wait()
                _log.warning("event=hub_lost")
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _connect(self) -> bool:
        connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connecting.setblocking(False)
            with connect_path(self._path) as name:
                connecting.connect(name)  # a Unix socket is there or not, nothing to wait for
            await self._loop.create_unix_connection(lambda: self, sock=connecting)
        except OSError:
            connecting.close()
            return False
        return True
