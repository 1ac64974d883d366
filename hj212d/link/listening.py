"""Listening sockets of a worker, and the loop that accepts from them.

A paused listener leaves new connections in the kernel's backlog. Tests:
tests/link/test_listening.py.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from asyncio import Future
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, cast

from hj212d.link.addresses import Address, written
from hj212d.link.admission import Admission, Gate
from hj212d.link.closes import Close
from hj212d.link.connection import Connection
from hj212d.link.links import Links
from hj212d.link.numbers import LinkNumbers

ACCEPTS_AT_ONCE = 64  # so that a storm of new links does not hold up the frames of old ones

# Accepted sockets inherit these, so that no link costs a call for them. Keepalive finds peers
# that vanished behind a NAT without a word, in about four minutes.
_INHERITED = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 120),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 30),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4),
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
)
_NO_RESOURCES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def open_socket(address: Address, backlog: int) -> socket.socket:
    """A listening socket for an address; OSError as the kernel says it."""
    if address.fd >= 0:
        listener = socket.socket(fileno=address.fd)
    else:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if address.fd < 0:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if listener.family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address.host, address.port))
        for level, option, value in _INHERITED:
            listener.setsockopt(level, option, value)
        listener.setblocking(False)
        listener.listen(backlog)
    except OSError:
        listener.close()
        raise
    return listener


class _Attaching:
    """A transport that is being made around an accepted socket.

    ``making`` waits for one thing, which is there after one turn of the loop. Driven by hand, for
    a task and its handles would cost as much as all else that a new link takes.
    """

    __slots__ = ("accepted", "link", "making", "waits")

    def __init__(
        self,
        making: Coroutine[Any, None, object],
        accepted: socket.SocketType,
        link: Connection,
    ) -> None:
        self.making = making
        self.accepted = accepted
        self.link = link
        self.waits: Future[object] | None = None


class Listening:
    """The listening sockets of a worker; accepts while there is no reason to pause."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        links: Links,
        admission: Admission,
        numbers: LinkNumbers,
        now_us: Callable[[], int],
        max_links: int,
    ) -> None:
        self.max_links = max_links
        self._loop = loop
        self._links = links
        self._admission = admission
        self._numbers = numbers
        self._now_us = now_us
        self._listeners: list[tuple[socket.socket, Gate]] = []
        self._pauses: set[str] = set()
        self._locals: dict[tuple[str, int], str] = {}
        self._attaching: list[_Attaching] = []

    @property
    def paused(self) -> list[str]:
        """Reasons why nobody is let in, [] while listening."""
        return sorted(self._pauses)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each listening socket, port 0 as the kernel chose it."""
        return [listener.getsockname()[:2] for listener, _ in self._listeners]

    def open(self, addresses: Sequence[Address], backlog: int) -> None:
        """Listen on all addresses and start to accept; OSError leaves none open."""
        try:
            for address in addresses:
                gate = self._admission.gate(address.profile)
                self._listeners.append((open_socket(address, backlog), gate))
        except OSError:
            self.close()
            raise
        if not self._pauses:
            self._watch()

    def pause(self, why: str) -> None:
        """Accept nobody for this reason; several may hold at once."""
        if not self._pauses:
            for listener, _ in self._listeners:
                self._loop.remove_reader(listener.fileno())
        if why not in self._pauses:
            self._pauses.add(why)
            self._links.counters.paused("listening", why)

    def resume(self, why: str) -> None:
        """This reason is over; accept when no other holds."""
        if why in self._pauses:
            self._pauses.remove(why)
            if not self._pauses:
                self._links.counters.resumed("listening")
                self._watch()

    def make_room(self) -> None:
        """Links ended: accept again when there is room under the mark."""
        if len(self._links) < self.max_links:
            self.resume("max_links")

    def close(self) -> None:
        """Stop listening for good."""
        for listener, _ in self._listeners:
            if not self._pauses:
                self._loop.remove_reader(listener.fileno())
            listener.close()
        self._listeners.clear()

    def _watch(self) -> None:
        for listener, gate in self._listeners:
            self._loop.add_reader(listener.fileno(), self._accept, listener, gate)

    def _accept(self, listener: socket.socket, gate: Gate) -> None:
        family = int(listener.family)
        for _ in range(ACCEPTS_AT_ONCE):
            if len(self._links) >= self.max_links:
                self.pause("max_links")
            if self._pauses:
                return
            try:
                fd, address = listener._accept()  # type: ignore[attr-defined]
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _NO_RESOURCES:
                    self._links.counters.accept_failed(error)
                    self.pause("no_descriptors")
                    return
                continue  # that peer is gone already (ECONNABORTED and the like of accept(2))
            # Not a socket.socket: that knows families and types as members of enumerations, and to
            # make and read those costs as much as the call to the kernel.
            accepted = socket.SocketType(family, socket.SOCK_STREAM, 0, fd)
            self._take(accepted, gate, address[0], address[1])

    def _take(self, accepted: socket.SocketType, gate: Gate, ip: str, port: int) -> None:
        admitted = self._links.admit(ip, gate)
        if isinstance(admitted, Close):
            accepted.close()
            self._links.counters.refused_link(admitted, ip, port)
            return
        number = self._numbers.next(self._now_us())
        local = self._local(accepted)
        link = Connection(self._links, number, gate, admitted, port, local, self._links.clock())
        link.fd = accepted.fileno()
        self._links.add(link)
        making = self._loop.connect_accepted_socket(lambda: link, cast(socket.socket, accepted))
        attaching = _Attaching(making, accepted, link)
        if not self._drive(attaching):
            if not self._attaching:
                self._loop.call_soon(self._finish)
            self._attaching.append(attaching)

    def _local(self, accepted: socket.SocketType) -> str:
        """Our side's address; one text for all links that came to it."""
        host, port = accepted.getsockname()[:2]
        known = self._locals.get((host, port))
        if known is None:
            known = self._locals[host, port] = written(host, port)
        return known

    def _finish(self) -> None:
        attaching, self._attaching = self._attaching, []
        self._attaching = [one for one in attaching if not self._drive(one)]
        if self._attaching:
            self._loop.call_soon(self._finish)

    def _drive(self, attaching: _Attaching) -> bool:
        """Let the transport be made as far as it goes now; whether that was to its end."""
        if attaching.waits is not None and not attaching.waits.done():
            return False
        try:
            attaching.waits = attaching.making.send(None)
        except StopIteration:
            return True
        except (OSError, RuntimeError):
            # Gone between accept and here; a transport that stood tells connection_lost itself.
            attaching.accepted.close()
            link = attaching.link
            if link.transport is None and link.why is None:
                self._links.never_opened(link)
            return True
        return False
