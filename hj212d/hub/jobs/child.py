"""The process that does a job, seen from the hub: its progress, its end, its time limit.

It speaks JSON lines on standard output and says on standard error, in its last line, why it
failed. Tests: tests/hub/jobs/test_room.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol

LINE_BYTES = 64 * 1024
ERROR_BYTES = 4 * 1024
KILL_AFTER_S = 5.0


class Child(ProcessProtocol):
    """``tell`` gets each JSON object of its output; ``ended`` fires with the exit status and the
    last line of its standard error, after 128 + signal when one ended it."""

    def __init__(self, reactor: Any, tell: Callable[[dict[str, Any]], None]) -> None:
        self.ended: Deferred[tuple[int, str]] = Deferred()
        self._reactor = reactor
        self._tell = tell
        self._line = b""
        self._error = b""
        self._why = ""
        self._killing: Any = None

    def stop(self, why: str) -> None:
        """Ask it to end, and make it end when it does not; ``why`` is what is said of it."""
        if self.ended.called or self._killing is not None:
            return
        self._why = why
        self._signal("TERM")
        self._killing = self._reactor.callLater(KILL_AFTER_S, self._signal, "KILL")

    def outReceived(self, data: bytes) -> None:
        """Whole lines; one that is too long, or no JSON, is left out."""
        *lines, self._line = (self._line + data).split(b"\n")
        if len(self._line) > LINE_BYTES:
            self._line = b""
        for line in lines:
            try:
                said = msgspec.json.decode(line)
            except msgspec.DecodeError:
                continue
            if isinstance(said, dict):
                self._tell(said)

    def errReceived(self, data: bytes) -> None:
        """Only the end is kept."""
        self._error = (self._error + data)[-ERROR_BYTES:]

    def processEnded(self, reason: Any) -> None:
        """Exit status and sentence."""
        if self._killing is not None and self._killing.active():
            self._killing.cancel()
        signal = reason.value.signal
        status = 128 + signal if signal is not None else reason.value.exitCode
        lines = self._error.decode("utf-8", "replace").strip().splitlines()
        said = lines[-1].removeprefix("hj212d: ") if lines else ""
        self.ended.callback((status, self._why or said))

    def _signal(self, name: str) -> None:
        process: Any = self.transport
        try:
            process.signalProcess(name)
        except ProcessExitedAlready:
            pass  # it ended just now; processEnded says so
