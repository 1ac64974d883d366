"""Addresses as they are written in the configuration, taken apart.

No name is looked up and nothing is bound here. Tests: tests/config/test_addresses.py.
"""

from __future__ import annotations

import re

import msgspec

_HOST_PORT = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\s:\[\]]*)):(?P<port>[\d-]+)"
)
_MAX_PORT = 65535


class Listen(msgspec.Struct, frozen=True):
    """One entry of link.listen: the ports ``first`` to ``last`` of a host, and their profile.

    Port 0 lets the kernel choose. ``host`` is without brackets; empty: every address.
    """

    host: str
    first: int
    last: int
    profile: str = ""

    @property
    def ports(self) -> range:
        """All ports."""
        return range(self.first, self.last + 1)


def parse_listen(text: str) -> Listen:
    """Take ``host:port``, ``[v6]:port`` or ``host:first-last``, with a profile after a blank,
    apart.

    ValueError says what is wrong, as the end of a sentence.
    """
    address, _, profile = text.strip().partition(" ")
    host, ports = _split(address)
    first_text, dash, last_text = ports.partition("-")
    first = _port(first_text)
    last = _port(last_text) if dash else first
    if last < first:
        raise ValueError(f"the port range {ports} runs backwards")
    if dash and first == 0:
        raise ValueError("a port range cannot begin with 0")
    return Listen(host, first, last, profile.strip())


def parse_address(text: str) -> tuple[str, int]:
    """Take ``host:port`` or ``[v6]:port`` apart; ValueError as above."""
    host, port = _split(text.strip())
    return host, _port(port)


def write_address(host: str, port: int) -> str:
    """The address as people write it, an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _split(address: str) -> tuple[str, str]:
    found = _HOST_PORT.fullmatch(address)
    if found is None:
        raise ValueError("expected host:port or [v6]:port")
    return found["v6"] or found["host"] or "", found["port"]


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _MAX_PORT:
        raise ValueError(f'"{text}" is no port (0 to {_MAX_PORT})')
    return int(text)
