"""Talking to a running daemon through its control socket, from a plain blocking program.

One connection a call, closed at its end. Every failure is a :class:`ControlError` whose text is
one sentence for people. Tests: tests/hub/test_control_client.py.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa

from hj212d import unixpath

Answer = dict[str, Any]

LINE_LIMIT = 256 * 1024 * 1024
PAUSE_S = 0.1


class ControlError(Exception):
    """The call failed; see the subclasses for whose fault it is."""


class NoDaemon(ControlError):
    """Nobody listens there: no daemon runs on this data folder."""


class NotPermitted(ControlError):
    """The socket is there, this user may not use it."""


class TimedOut(ControlError):
    """The daemon did not answer in time."""


class Refused(ControlError):
    """The daemon answered that it will not or cannot."""


class Broken(ControlError):
    """The connection ended, or what came was no answer."""


class ControlClient:
    """Calls to the daemon at one control socket. Holds no connection between calls."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        timeout_s: float = 30.0,
        *,
        starting: Callable[[], bool] = lambda: False,
        patience_s: float = 10.0,
    ) -> None:
        """``starting``: whether somebody is about to listen there (a hub that is started again);
        he is waited for, ``patience_s`` at most."""
        self.path = Path(path)
        self._timeout_s = timeout_s
        self._starting = starting
        self._patience_s = patience_s

    def call(self, op: str, **arguments: Any) -> Answer:
        """The answer to one request, without its "ok"; ControlError when there is none."""
        with self._asked(op, arguments) as (_, stream):
            return self._answer(stream)

    def table(self, op: str, **arguments: Any) -> pa.Table:
        """The table that ``query`` or ``frames`` answers with; ControlError."""
        with self._asked(op, arguments) as (_, stream):
            expected = self._answer(stream).get("bytes")
            if not isinstance(expected, int):
                raise Broken(f"the daemon's answer to {op} is no table")
            with self._failures():
                body = stream.read(expected)
            if len(body) != expected:
                raise Broken("the daemon closed the connection in the middle of a table")
            with pa.ipc.open_stream(body) as reader:
                return reader.read_all()

    def stream(
        self, op: str, *, silence_s: float | None = None, **arguments: Any
    ) -> Iterator[Answer]:
        """Each line that follows the answer, for ``tail`` and ``replay``; ends when the daemon
        closes the connection or says ``"done"`` (that line included).

        ``silence_s``: how long to wait for a line; None: for ever. Close the iterator to stop.
        """
        with self._asked(op, arguments) as (connection, stream):
            answer = self._answer(stream)
            connection.settimeout(silence_s)
            if answer:
                yield answer
            while not answer.get("done"):
                with self._failures():
                    line = stream.readline(LINE_LIMIT)
                if not line:
                    return
                answer = _checked(line)
                yield answer

    @contextmanager
    def _asked(
        self, op: str, arguments: dict[str, Any]
    ) -> Iterator[tuple[socket.socket, BinaryIO]]:
        """A connection with the request sent, and the stream of its answers."""
        with self._connected() as connection:
            with self._failures():
                connection.sendall(msgspec.json.encode({"op": op, **arguments}) + b"\n")
            with connection.makefile("rb") as stream:
                yield connection, stream

    def _connected(self) -> socket.socket:
        give_up = time.monotonic() + self._patience_s
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self._timeout_s)
            try:
                with self._failures(), unixpath.connect_path(self.path) as name:
                    connection.connect(name)
            except NoDaemon as problem:
                connection.close()
                if not self._starting():
                    raise
                if time.monotonic() >= give_up:
                    raise Broken(
                        f"the daemon is there and its hub is not: it starts, or starts again "
                        f"({self.path})"
                    ) from problem
                time.sleep(PAUSE_S)
            except BaseException:
                connection.close()
                raise
            else:
                return connection

    def _answer(self, stream: BinaryIO) -> Answer:
        with self._failures():
            line = stream.readline(LINE_LIMIT)
        if not line:
            raise Broken("the daemon closed the connection without an answer")
        return _checked(line)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn what the socket raises into a ControlError."""
        try:
            yield
        except (FileNotFoundError, ConnectionRefusedError) as problem:
            raise NoDaemon(f"no daemon is running there ({self.path})") from problem
        except PermissionError as problem:
            raise NotPermitted(f"no permission to use {self.path}") from problem
        except TimeoutError as problem:
            raise TimedOut(f"the daemon did not answer in time ({self.path})") from problem
        except OSError as problem:
            raise Broken(f"the connection to the daemon broke: {problem.strerror}") from problem


def _checked(line: bytes) -> Answer:
    """One line as an answer, its "ok" taken out; Refused when it says no."""
    try:
        answer = msgspec.json.decode(line, type=dict[str, Any])
    except msgspec.DecodeError as fault:
        raise Broken(f"the daemon's answer cannot be read: {fault}") from fault
    if not answer.pop("ok", True):
        raise Refused(str(answer.get("error", "refused without a reason")))
    return answer
