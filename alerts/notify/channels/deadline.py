"""An end to what drips: connections that a moment in time shuts, however busy they look.

Time-outs of sockets begin anew with each byte, so a server that sends one now and then holds a
thread for ever; this does not let it. Tests: tests/alerts/notify/test_web_channel.py.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Deadline:
    """``passed`` once the time is over. Connections that are watched are shut then."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()

    def watch(self, connection: socket.socket) -> None:
        """Shut this one, too. TimeoutError when it is too late already."""
        # A copy of the descriptor: TLS takes the socket itself over.
        copy = connection.dup()
        with self._lock:
            if not self.passed:
                self._watched.append(copy)
                return
        copy.close()
        raise TimeoutError(f"more than {self.seconds:g} s")

    def _pass(self) -> None:
        with self._lock:
            self.passed = True
            for connection in self._watched:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it has ended by itself

    def _close(self) -> None:
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()


@contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """One that runs from now to the end of the block."""
    made = Deadline(seconds)
    timer = threading.Timer(seconds, made._pass)
    timer.daemon = True
    timer.start()
    try:
        yield made
    finally:
        timer.cancel()
        made._close()
