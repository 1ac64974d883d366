"""Work done one piece ahead, in a thread of its own, while its owner does something with the last.

Never more than one piece: what waits is as bounded as the piece itself.
Tests: tests/hub/test_ingest_ahead.py.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """Does ``work`` again and again. For one owner, who calls from one thread."""

    def __init__(self, name: str, work: Callable[[], T]) -> None:
        self._name = name
        self._work = work
        self._pool: ThreadPoolExecutor | None = None
        self._begun: Future[T] | None = None

    def begin(self) -> None:
        """Begin the next piece; one that was begun already is enough."""
        if self._begun is not None:
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, self._name)
        self._begun = self._pool.submit(self._work)

    def take(self) -> T:
        """The piece that was begun, once it is done, else one done now; raises what it raised."""
        begun, self._begun = self._begun, None
        return self._work() if begun is None else begun.result()

    def drop(self) -> T | None:
        """What was begun, once it is done; None when nothing was, or when it raised: the owner
        starts over, and will meet again what is wrong."""
        begun, self._begun = self._begun, None
        return None if begun is None or begun.exception() is not None else begun.result()

    def close(self) -> None:
        """End the thread, after ``drop``; ``begin`` would make a new one."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
