"""From an accepted socket to a link with a transport.

The loop makes a transport in a coroutine that waits for one thing, which is there one turn later.
It is driven by hand: a task and its handles would cost as much as all else that a new link takes.
Tests: tests/link/test_listening.py.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any, cast

from hj212d.link.connection import Connection
from hj212d.link.links import Links


class _Making:
    """A transport that is being made."""

    __slots__ = ("accepted", "link", "steps", "waits")

    def __init__(
        self, steps: Coroutine[Any, None, object], accepted: socket.SocketType, link: Connection
    ) -> None:
        self.steps = steps
        self.accepted = accepted
        self.link = link
        self.waits: asyncio.Future[object] | None = None


class Attaching:
    """Makes transports for links that are held already."""

    def __init__(self, loop: asyncio.AbstractEventLoop, links: Links) -> None:
        self._loop = loop
        self._links = links
        self._making: list[_Making] = []

    def attach(self, accepted: socket.SocketType, link: Connection) -> None:
        """Begin; the link hears connection_made, or is counted out again."""
        link.fd = accepted.fileno()
        steps = self._loop.connect_accepted_socket(lambda: link, cast(socket.socket, accepted))
        making = _Making(steps, accepted, link)
        if not self._drive(making):
            if not self._making:
                self._loop.call_soon(self._go_on)
            self._making.append(making)

    def _go_on(self) -> None:
        making, self._making = self._making, []
        self._making = [one for one in making if not self._drive(one)]
        if self._making:
            self._loop.call_soon(self._go_on)

    def _drive(self, making: _Making) -> bool:
        """Let it come as far as it can now; whether that was to its end."""
        if making.waits is not None and not making.waits.done():
            return False
        try:
            making.waits = making.steps.send(None)
        except StopIteration:
            return True
        except (OSError, RuntimeError):
            # Gone between accept and here; a transport that stood tells connection_lost itself.
            making.accepted.close()
            link = making.link
            if link.transport is None and link.why is None:
                self._links.never_opened(link)
            return True
        return False
