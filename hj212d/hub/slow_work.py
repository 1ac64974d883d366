"""Work that may take long, kept off the event loop: few threads, a short queue, a time-out.

What does not fit is refused at once (:class:`Busy`), so that slow pages and queries pile up
nowhere. A thread whose caller has given up finishes what it does; its place counts as taken until
then. Tests: tests/hub/test_slow_work.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")


class Busy(Exception):
    """No room: as much work runs and waits as may."""


class TookTooLong(Exception):
    """The work did not end in time; it may still be running."""


class SlowWork:
    """A bounded pool of threads. ``waiting`` jobs may queue behind ``threads`` running ones."""

    def __init__(self, name: str, *, threads: int, waiting: int, timeout_s: float) -> None:
        self._name = name
        self._timeout_s = timeout_s
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(threads + waiting)

    def call(self, work: Callable[[], T]) -> T:
        """Run ``work`` in the pool and wait here for its result; for use in other threads.

        Raises what ``work`` raises, :class:`Busy`, :class:`TookTooLong`.
        """
        future = self._submit(work)
        try:
            return future.result(self._timeout_s)
        except FutureTimeout as late:
            if future.done():
                raise
            future.cancel()
            raise TookTooLong(self._late()) from late

    def defer(self, reactor: Any, work: Callable[[], T]) -> Deferred[T]:
        """The same for the event loop: a Deferred with the result, on the loop's thread."""
        deferred: Deferred[T] = Deferred()
        try:
            future = self._submit(work)
        except Busy as busy:
            deferred.errback(busy)
            return deferred

        def settle() -> None:
            if deferred.called or future.cancelled():
                return
            problem = future.exception()
            if problem is None:
                deferred.callback(future.result())
            else:
                deferred.errback(problem)

        def give_up(_: object, _timeout_s: float) -> Failure:
            future.cancel()
            return Failure(TookTooLong(self._late()))

        deferred.addTimeout(self._timeout_s, reactor, onTimeoutCancel=give_up)
        future.add_done_callback(lambda _: reactor.callFromThread(settle))
        return deferred

    def close(self) -> None:
        """Take no more work, drop what waits; running work ends on its own."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, work: Callable[[], T]) -> Future[T]:
        if not self._places.acquire(blocking=False):
            raise Busy(f"too many requests of this kind at once ({self._name})")
        try:
            future = self._pool.submit(work)
        except RuntimeError as closed:
            self._places.release()
            raise Busy("the hub is closing") from closed
        future.add_done_callback(lambda _: self._places.release())
        return future

    def _late(self) -> str:
        return f"no answer within {self._timeout_s:g} s"
