"""Blocking work of one target in a pool that many share: one piece after the other.

So no target ever has more than one of the few threads. Tests: tests/hub/forward/test_turns.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from twisted.internet.defer import Deferred


class Turns:
    """A queue of work. On the loop but for the work itself."""

    def __init__(self, reactor: Any, pool: Executor) -> None:
        self._reactor = reactor
        self._pool = pool
        self._waiting: deque[tuple[Callable[[], Any], Deferred[Any]]] = deque()
        self.busy = False

    def take(self, work: Callable[[], Any]) -> Deferred[Any]:
        """Its result, or what it raises, once all before it is done."""
        done: Deferred[Any] = Deferred()
        self._waiting.append((work, done))
        if not self.busy:
            self._begin()
        return done

    def _begin(self) -> None:
        self.busy = True
        work, done = self._waiting.popleft()
        self._pool.submit(work).add_done_callback(
            lambda ended: self._reactor.callFromThread(self._settle, ended, done)
        )

    def _settle(self, ended: Future[Any], done: Deferred[Any]) -> None:
        self.busy = False
        problem = ended.exception()
        if problem is None:
            done.callback(ended.result())
        else:
            done.errback(problem)
        if self._waiting and not self.busy:
            self._begin()
