"""Listening sockets of a worker, and the loop that accepts from them.

A paused listener leaves new connections in the kernel's backlog. A worker that is full while
others have room leaves its addresses to them. Tests: tests/link/test_listening.py,
tests/link/test_shares.py.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Callable, Sequence

from hj212d.link.addresses import Address, written
from hj212d.link.admission import Admission, Gate
from hj212d.link.attaching import Attaching
from hj212d.link.closes import Close
from hj212d.link.connection import Connection
from hj212d.link.links import Links
from hj212d.link.numbers import LinkNumbers
from hj212d.link.tally import LinkTally

ACCEPTS_AT_ONCE = 64  # so that a storm of new links does not hold up the frames of old ones
SPARE_LINKS = 32  # taken beyond max_links by a worker that leaves; its reserve of files holds them
MAX_LOCALS = 1000  # texts of addresses of ours that are remembered

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


class _Listener:
    """An address, and the socket that listens there; None while this worker is full."""

    __slots__ = ("address", "gate", "socket")

    def __init__(self, address: Address, gate: Gate, listening: socket.socket) -> None:
        self.address = address
        self.gate = gate
        self.socket: socket.socket | None = listening


class Listening:
    """The listening sockets of a worker; accepts while there is no reason to pause.

    ``max_links``: of this worker. ``all_links``: of all workers together, as ``tally`` counts
    them; 0: no limit. ``alone``: whether no other worker listens beside it.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        links: Links,
        admission: Admission,
        numbers: LinkNumbers,
        now_us: Callable[[], int],
        max_links: int,
        all_links: int = 0,
        tally: LinkTally | None = None,
        alone: bool = True,
    ) -> None:
        self.max_links = max_links
        self._all_links = all_links or sys.maxsize
        self._tally = tally or LinkTally(-1, 0)
        self._alone = alone
        self._loop = loop
        self._links = links
        self._admission = admission
        self._numbers = numbers
        self._now_us = now_us
        self._attaching = Attaching(loop, links)
        self._listeners: list[_Listener] = []
        self._backlog = 1
        self._pauses: set[str] = set()
        self._locals: dict[tuple[str, int], str] = {}

    @property
    def paused(self) -> list[str]:
        """Reasons why nobody is let in, [] while listening."""
        return sorted(self._pauses)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each listening address, port 0 as the kernel chose it."""
        return [(one.address.host, one.address.port) for one in self._listeners]

    def open(self, addresses: Sequence[Address], backlog: int) -> None:
        """Listen on all addresses and start to accept; OSError leaves none open."""
        self._backlog = backlog
        try:
            for address in addresses:
                gate = self._admission.gate(address.profile)
                made = open_socket(address, backlog)
                host, port = made.getsockname()[:2]
                known = Address(host, port, address.profile, address.fd)
                self._listeners.append(_Listener(known, gate, made))
        except OSError:
            self.close()
            raise
        if not self._pauses:
            self._watch()

    def pause(self, why: str) -> None:
        """Accept nobody for this reason; several may hold at once."""
        if not self._pauses:
            self._ignore()
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
        """Links ended, here or elsewhere: accept again when there is room under the marks."""
        links = len(self._links)
        self._tally.set(links)
        if "max_links" not in self._pauses or self._tally.total >= self._all_links:
            return
        full = any(listener.socket is None for listener in self._listeners)
        if links < self.max_links - (self.max_links // 100 if full else 0) and self._reopen():
            self.resume("max_links")

    def close(self) -> None:
        """Stop listening for good."""
        if not self._pauses:
            self._ignore()
        for listener in self._listeners:
            if listener.socket is not None:
                listener.socket.close()
        self._listeners.clear()

    def _watch(self) -> None:
        for listener in self._listeners:
            if listener.socket is not None:
                self._loop.add_reader(listener.socket.fileno(), self._accept, listener)

    def _ignore(self) -> None:
        for listener in self._listeners:
            if listener.socket is not None:
                self._loop.remove_reader(listener.socket.fileno())

    def _accept(self, listener: _Listener) -> None:
        room = self.max_links - len(self._links)
        room_for_all = self._all_links - self._tally.total
        if room <= 0 or room_for_all <= 0:
            self.pause("max_links")
            if room_for_all > 0 and not self._alone:
                self._leave()
            return
        self._take_some(listener, min(room, room_for_all, ACCEPTS_AT_ONCE))
        self._tally.set(len(self._links))

    def _take_some(self, listener: _Listener, most: int) -> None:
        """Accept so many, or those that are there."""
        if listener.socket is None:
            return
        family = int(listener.socket.family)
        for _ in range(most):
            try:
                fd, address = listener.socket._accept()  # type: ignore[attr-defined]
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
            self._take(accepted, listener.gate, address[0], address[1])

    def _take(self, accepted: socket.SocketType, gate: Gate, ip: str, port: int) -> None:
        admitted = self._links.admit(ip, gate)
        if isinstance(admitted, Close):
            accepted.close()
            self._links.counters.refused_link(admitted, ip, port)
            return
        number = self._numbers.next(self._now_us())
        local = self._local(accepted)
        link = Connection(self._links, number, gate, admitted, port, local, self._links.clock())
        self._links.add(link)
        self._attaching.attach(accepted, link)

    def _local(self, accepted: socket.SocketType) -> str:
        """Our side's address; one text for all links that came to it."""
        host, port = accepted.getsockname()[:2]
        known = self._locals.get((host, port))
        if known is None:
            if len(self._locals) >= MAX_LOCALS:
                self._locals.clear()
            known = self._locals[host, port] = written(host, port)
        return known

    def _leave(self) -> None:
        """Full, while others have room: the kernel goes on giving new connections to a socket
        that listens, so close it, once who is in its queue was taken. One socket that all share
        stays: the others accept from it."""
        for listener in self._listeners:
            if listener.socket is not None and listener.address.fd < 0:
                self._take_some(listener, SPARE_LINKS)
                listener.socket.close()
                listener.socket = None
        self._tally.set(len(self._links))

    def _reopen(self) -> bool:
        """Listen again where we left; whether that could be done, otherwise ask again later."""
        for listener in self._listeners:
            if listener.socket is None:
                try:
                    listener.socket = open_socket(listener.address, self._backlog)
                except OSError as error:
                    self._links.counters.accept_failed(error)
                    return False
        return True
