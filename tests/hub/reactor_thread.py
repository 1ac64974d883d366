"""Twisted's reactor in a thread beside the tests, for services that talk over real sockets.

A reactor runs once in a process, so all tests share it (the fixture ``reactor`` in conftest.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from twisted.internet.threads import blockingCallFromThread

T = TypeVar("T")


class RunningReactor:
    """The reactor, seen from the thread of a test."""

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor

    def do(self, work: Callable[..., T], *arguments: Any) -> T:
        """Call something in the reactor's thread, wait for it and for the Deferred it gives."""
        return blockingCallFromThread(self.reactor, work, *arguments)


@contextmanager
def running_reactor() -> Iterator[RunningReactor]:
    """Run the reactor until the end of the ``with``; once in a process."""
    from twisted.internet import reactor

    started = threading.Event()
    thread = threading.Thread(
        target=reactor.run,  # type: ignore[attr-defined]
        kwargs={"installSignalHandlers": False},
        name="reactor",
    )
    reactor.callWhenRunning(started.set)  # type: ignore[attr-defined]
    thread.start()
    started.wait()
    try:
        yield RunningReactor(reactor)
    finally:
        reactor.callFromThread(reactor.stop)  # type: ignore[attr-defined]
        thread.join()
