"""Settles the listening addresses before anything starts: names, port 0, "in use".

The sockets are held, bound, so that nobody else takes the ports. Several workers listen on sockets
of their own beside them; one alone gets these. Tests: tests/cli/test_binding.py.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec

from hj212d.config.addresses import Listen, write_address
from hj212d.link.addresses import Address


class CannotListen(Exception):
    """An address cannot be had; the text is one sentence."""


class Bound:
    """Addresses that are ours until `close`."""

    def __init__(self) -> None:
        self.addresses: list[Address] = []
        self._held: list[socket.socket] = []

    def bind(self, listens: Iterable[Listen]) -> None:
        """Take all addresses; CannotListen at the first that cannot be had."""
        for listen in listens:
            for port in listen.ports:
                for family, host in _hosts(listen):
                    self._bind(family, host, port, listen.profile)

    def inherit(self, sockets: Iterable[tuple[int, str]], profiles: Sequence[str]) -> None:
        """Take sockets that systemd opened; a socket whose name is a profile's gets that."""
        for fd, name in sockets:
            held = socket.socket(fileno=fd)
            self._held.append(held)
            if held.family not in (socket.AF_INET, socket.AF_INET6):
                raise CannotListen(f'socket "{name}" from systemd is not a TCP address')
            host, port = held.getsockname()[:2]
            profile = name if name in profiles else ""
            self.addresses.append(Address(host, port, profile, fd))

    def listen(self, backlog: int) -> None:
        """Listen ourselves, on sockets that the workers then share: with one worker, who comes
        while it is started again waits instead of being refused. OSError when it cannot be."""
        for index, (held, address) in enumerate(zip(self._held, self.addresses, strict=True)):
            held.listen(backlog)
            if address.fd < 0:
                self.addresses[index] = msgspec.structs.replace(address, fd=held.fileno())

    @property
    def inherited(self) -> tuple[int, ...]:
        """Descriptors that the workers must get."""
        return tuple(address.fd for address in self.addresses if address.fd >= 0)

    def close(self) -> None:
        """Give the addresses back."""
        for held in self._held:
            held.close()
        self._held.clear()

    def _bind(self, family: socket.AddressFamily, host: str, port: int, profile: str) -> None:
        # With SO_REUSEPORT on both sides a second listener of the same user would not be noticed.
        try:
            with _socket(family, False) as probe:
                probe.bind((host, port))
                port = probe.getsockname()[1]
            held = _socket(family, True)
            self._held.append(held)
            held.bind((host, port))
        except OSError as error:
            raise CannotListen(f"{write_address(host, port)}: {_why(error)}") from error
        self.addresses.append(Address(host, port, profile))


def summary(addresses: Sequence[Address]) -> str:
    """The addresses for the line `ready`, runs of ports of one host as first-last."""
    texts = []
    runs = groupby(enumerate(addresses), lambda pair: (pair[1].host, pair[1].port - pair[0]))
    for (host, _), run in runs:
        ports = [address.port for _, address in run]
        last = f"-{ports[-1]}" if len(ports) > 1 else ""
        texts.append(write_address(host, ports[0]) + last)
    return ",".join(texts)


def _socket(family: socket.AddressFamily, share: bool) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if share:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return made


def _hosts(listen: Listen) -> list[tuple[socket.AddressFamily, str]]:
    """Family and numeric host; an empty host is every address of both families."""
    if not listen.host:
        return [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")]
    try:
        found = socket.getaddrinfo(
            listen.host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise CannotListen(f'"{listen.host}" is no address of this machine: {error}') from error
    return [(family, str(address[0])) for family, _, _, _, address in found]


def _why(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "in use by another program"
    if error.errno == errno.EADDRNOTAVAIL:
        return "not an address of this machine"
    if error.errno == errno.EACCES:
        return "this port needs privileges"
    return error.strerror or str(error)
