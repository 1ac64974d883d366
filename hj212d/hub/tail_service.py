"""Reads the journal at its durable end while somebody watches, and hands each watcher its events.

Needs no store. Costs nothing while nobody watches: then it neither reads nor has a thread. What a
pass does is in tail_pass.py, what a watcher is in tail.py. Tests: tests/hub/test_tail_service.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.requests import Tail
from hj212d.hub.reread import Rereader
from hj212d.hub.tail import Watcher
from hj212d.hub.tail_pass import Delivery, JournalEnd, deliveries
from hj212d.wire.frame import Device

PASS_S = 0.1

Watchers = tuple[Watcher, ...]


class _Run:
    """A thread that reads for its watchers until ``ending`` is set."""

    def __init__(self, reactor: Any, end: JournalEnd, rereader: Rereader) -> None:
        self.watchers: Watchers = ()  # exchanged as a whole: the thread reads it
        self.ending = threading.Event()
        self._reactor = reactor
        self._end = end
        self._rereader = rereader

    def passes(self) -> None:
        """In the thread: pass after pass."""
        try:
            while not self.ending.wait(PASS_S):
                watchers = self.watchers
                found = deliveries(
                    [watcher.request for watcher in watchers], self._end, self._rereader
                )
                if any(lines or missed for lines, missed in found):
                    self._deliver(watchers, found)
        finally:
            self._end.close()

    def _deliver(self, watchers: Watchers, found: list[Delivery]) -> None:
        """Hand the events over and wait until the loop took them: nothing piles up there."""
        taken = threading.Event()

        def offer() -> None:
            for watcher, (lines, missed) in zip(watchers, found, strict=True):
                watcher.offer(lines, missed)
            taken.set()

        self._reactor.callFromThread(offer)
        while not taken.wait(PASS_S) and not self.ending.is_set():
            pass


class TailService(Service):
    """Owner of the watchers and of the thread that reads for them."""

    _log = Logger()

    def __init__(self, reactor: Any, journal_dir: Path, device: Callable[[str], Device]) -> None:
        self._reactor = reactor
        self._journal_dir = journal_dir
        self._device = device
        self._run: _Run | None = None
        self._threads: set[Deferred[None]] = set()

    @property
    def watching(self) -> int:
        """Clients that watch."""
        return len(self._run.watchers) if self._run is not None else 0

    def listen(self, request: Tail, transport: Any) -> Callable[[], None]:
        """Send what ``request`` asks for to ``transport``: all that becomes durable from now on.
        Call the result to stop."""
        watcher = Watcher(request, transport)
        run = self._run or self._begin()
        run.watchers = (*run.watchers, watcher)
        transport.registerProducer(watcher, True)

        def stop() -> None:
            run.watchers = tuple(other for other in run.watchers if other is not watcher)
            if not run.watchers:
                self._end(run)

        return stop

    def stopService(self) -> Any:
        """Read no more; fires when the thread has ended."""
        Service.stopService(self)
        if self._run is not None:
            self._end(self._run)
        return DeferredList(list(self._threads))

    def _begin(self) -> _Run:
        run = _Run(self._reactor, JournalEnd(self._journal_dir), Rereader(self._device))
        self._run = run
        thread = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), run.passes)
        thread.addErrback(self._failed, run)
        thread.addBoth(lambda _: self._threads.discard(thread))
        self._threads.add(thread)
        return run

    def _end(self, run: _Run) -> None:
        run.ending.set()
        if self._run is run:
            self._run = None

    def _failed(self, failure: Failure, run: _Run) -> None:
        self._log.failure("the live view broke off; its clients are sent away", failure)
        self._end(run)
        for watcher in run.watchers:
            watcher.end()
