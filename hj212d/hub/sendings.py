"""What was handed to workers to be sent, until they say what became of it.

A Deferred each, bounded in number and time; nothing here fails, it fires with a word that says why
not. Runs on the event loop. Tests: tests/hub/test_worker_desk.py.
"""

from __future__ import annotations

from typing import Any

import msgspec
from twisted.internet.defer import Deferred, succeed

SEND_TIMEOUT_S = 5.0
MAX_UNDER_WAY = 100_000

WORKER_GONE = "worker_gone"
NO_ANSWER = "no_answer"  # of the worker: whether the bytes left is not known
TOO_MANY = "too_many"


class _Sending(msgspec.Struct):
    """One that is under way."""

    slot: int
    done: Deferred[str]
    timeout: Any


class Sendings:
    """Number -> who waits for it."""

    def __init__(self, clock: Any) -> None:
        """``clock``: the reactor, or IReactorTime."""
        self._clock = clock
        self._last = 0
        self._under_way: dict[int, _Sending] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    def begin(self, slot: int) -> tuple[int, Deferred[str]]:
        """A number for the worker to answer by, and what fires then; 0 when there is none."""
        if len(self._under_way) >= MAX_UNDER_WAY:
            return 0, succeed(TOO_MANY)
        self._last += 1
        number = self._last
        timeout = self._clock.callLater(SEND_TIMEOUT_S, self.end, slot, number, NO_ANSWER)
        sending = self._under_way[number] = _Sending(slot, Deferred(), timeout)
        return number, sending.done

    def end(self, slot: int, number: int, why: str) -> None:
        """This worker says what became of it; passed over when nobody waits any more."""
        sending = self._under_way.get(number)
        if sending is None or sending.slot != slot:
            return
        del self._under_way[number]
        if sending.timeout.active():
            sending.timeout.cancel()
        sending.done.callback(why)

    def gone(self, slot: int) -> None:
        """This worker answers nothing more."""
        for number in [n for n, sending in self._under_way.items() if sending.slot == slot]:
            self.end(slot, number, WORKER_GONE)
