"""A listening address as a worker gets it, and a peer's as people read it.

Text of the configuration is taken apart elsewhere; here host and port are settled.
Tests: tests/link/test_listening.py.
"""

from __future__ import annotations

import msgspec


class Address(msgspec.Struct, frozen=True):
    """Where to listen. ``fd`` is an inherited listening socket, -1: open one of our own."""

    host: str
    port: int
    profile: str = ""
    fd: int = -1

    def __str__(self) -> str:
        return written(self.host, self.port)


def written(host: str, port: int) -> str:
    """``host:port``, an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
