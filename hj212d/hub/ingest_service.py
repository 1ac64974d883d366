"""Runs the ingest: one step after the other in a thread of its own, never two at once.

Starts whether or not the store is there, and rebuilds the live picture from the store before the
first batch counts in it. At the end it brings the rest of the journal into the store.
Tests: tests/hub/test_ingest_service.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
from twisted.application.service import Service
from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from hj212d.hub.ingest import Step
from hj212d.hub.live import Live
from store.timeseries import Batch, StoreUnavailable, TimeSeriesStore

AFTER_FAULT_S = 5.0
BEFORE_BEGIN_S = 0.05
BEGIN_LATE_S = 5.0  # at the end
DRAIN_S = 50.0  # what is left then stays in the journal and is read after the next start


class Steps(Protocol):
    """What is used of :class:`hj212d.hub.ingest.Ingest`."""

    state: str
    error: str

    def step(self) -> Step:
        """Bring the next batch into the store."""

    def close(self) -> None:
        """Close the journal's files."""


class IngestService(Service):
    """Owner of the ingest and its thread.

    ``observers`` are called with each batch that the store has committed, in the ingest's thread.
    ``may_begin``: asked again and again until the first step may be made.
    """

    _log = Logger()

    def __init__(
        self, reactor: Any, store: TimeSeriesStore, live: Live, now_us: Callable[[], int]
    ) -> None:
        """``ingest`` must be set before the start: it is made with ``observe`` of this service."""
        self.ingest: Steps
        self.faults = 0
        self.as_of_us = now_us()
        self._reactor = reactor
        self._store = store
        self._live = live
        self._now_us = now_us
        self.rebuilt = False
        self.observers: list[Callable[[Batch], None]] = []
        self.may_begin: Callable[[], bool] = lambda: True
        self._begun = False
        self._threads = ThreadPool(1, 1, "ingest")
        self._turning: Deferred[Any] | None = None
        self._next: Any = None

    def observe(self, batch: Batch) -> None:
        """Take a committed batch into the live picture; in the ingest thread."""
        if self.rebuilt:
            self._live.observe(batch)
        times = batch.frames["received_at"]
        if len(times):
            self.as_of_us = max(self.as_of_us, _latest(times))
        for observer in self.observers:
            observer(batch)

    def rebuild(self) -> None:
        """Read the live picture anew before the next step."""
        self.rebuilt = False

    def startService(self) -> None:
        """Begin."""
        Service.startService(self)
        self._threads.start()
        self._turn()

    @inlineCallbacks
    def stopService(self) -> Any:
        """Bring in what the journal still holds, as far as the store serves, and end."""
        Service.stopService(self)
        if self._next is not None and self._next.active():
            self._next.cancel()
        if self._turning is not None:
            yield self._turning
        end_us = self._now_us() + int(BEGIN_LATE_S * 1e6)
        while not self._may_begin() and self._now_us() < end_us:
            yield deferLater(self._reactor, BEFORE_BEGIN_S, lambda: None)
        last = self._drain if self._may_begin() else self.ingest.close
        yield deferToThreadPool(self._reactor, self._threads, last).addErrback(self._fault)
        self._threads.stop()

    def _turn(self) -> None:
        if not self._may_begin():
            self._next = self._reactor.callLater(BEFORE_BEGIN_S, self._turn)
            return
        step = deferToThreadPool(self._reactor, self._threads, self._step)
        self._turning = step.addErrback(self._fault).addCallback(self._wait)

    def _may_begin(self) -> bool:
        self._begun = self._begun or self.may_begin()
        return self._begun

    def _wait(self, wait_s: float) -> None:
        self._turning = None
        if self.running:
            self._next = self._reactor.callLater(wait_s, self._turn)

    def _fault(self, failure: Failure) -> float:
        """Our own code failed: the journal keeps everything, try again later."""
        self.faults += 1
        self._log.failure("ingest failed, it goes on in {wait} s", failure, wait=AFTER_FAULT_S)
        return AFTER_FAULT_S

    def _step(self) -> float:
        """In the thread: one step; how long to wait then."""
        began_us = self._now_us()
        if not self.rebuilt:
            try:
                self._live.rebuild(
                    self._store.devices(), self._store.latest(), self._store.counts()
                )
                self.rebuilt = True
            except StoreUnavailable:
                pass  # the step meets the same trouble and says so
        step = self.ingest.step()
        if self.ingest.state == "ok" and step.wait_s > 0:
            # All that had come when the step began is in: silence since then is silence.
            self.as_of_us = began_us
        return step.wait_s

    def _drain(self) -> None:
        """In the thread: steps until nothing is left, or the store does not serve."""
        try:
            end_us = self._now_us() + int(DRAIN_S * 1e6)
            while self._now_us() < end_us:
                if self.ingest.step().wait_s > 0:
                    return
            self._log.warn("time is up with a part of the journal not yet in the store")
        finally:
            self.ingest.close()


def _latest(times: pa.ChunkedArray) -> int:
    latest: int = pc.max(times.cast(pa.int64())).as_py()
    return latest
