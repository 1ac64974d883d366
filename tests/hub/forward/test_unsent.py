"""What the peer's TCP has not acknowledged, of a real socket."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from waiting import wait_until

from hj212d.hub.forward.unsent import unsent_bytes


class Transport:
    """As Twisted's: a socket, and what is held in front of it."""

    def __init__(self, connected: socket.socket) -> None:
        self.dataBuffer = b""
        self.offset = 0
        self._tempDataLen = 0
        self.fileno = connected.fileno


class Sealed:
    """As Twisted's TLS over a transport."""

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self._appSendBuffer: list[bytes] = []


def test_bytes_count_until_the_peer_has_them() -> None:
    """Nothing, then what a full receive buffer leaves, then nothing again."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        sending = socket.create_connection(server.getsockname())
        receiving, _ = server.accept()
    with sending, receiving:
        transport = Transport(sending)
        assert unsent_bytes(transport) == 0
        sending.setblocking(False)
        sent = 0
        with suppress(BlockingIOError):
            while True:
                sent += sending.send(bytes(65536))
        assert unsent_bytes(transport) > 0
        while sent:
            sent -= len(receiving.recv(1 << 20))
        wait_until(lambda: unsent_bytes(transport) == 0)


def test_what_waits_in_front_of_the_socket_counts() -> None:
    """In Twisted's buffers, and above TLS."""
    one, other = socket.socketpair()
    with one, other:
        transport = Transport(one)
        transport.dataBuffer, transport.offset, transport._tempDataLen = b"12345", 2, 4
        assert unsent_bytes(transport) == 7
        sealed = Sealed(transport)
        sealed._appSendBuffer.append(b"123")
        assert unsent_bytes(sealed) == 10
