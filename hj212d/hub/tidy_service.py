"""Lets the store tidy up: one bounded step after the other, while the ingest is not behind.

What there is to tidy is the store's affair. A step that goes on when the hub ends is waited for,
no further one is begun. Tests: tests/hub/test_tidy_service.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from store.timeseries import StoreUnavailable

LEAST_PAUSE_S = 0.5  # between two steps, and never shorter than the step: half a core at the most
BUSY_S = 5.0  # while the ingest is behind
REST_S = 60.0  # when all is tidy, the store does not serve, or our code failed


class TidyService(Service):
    """Owner of the thread that tidies.

    ``tidy``: of the store, UTC without a zone -> whether there is more to do. ``calm``: whether
    the ingest can spare the time. ``steps`` and ``faults`` count since the start.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        tidy: Callable[[datetime], bool],
        calm: Callable[[], bool],
        now_us: Callable[[], int],
    ) -> None:
        self.steps = 0
        self.faults = 0
        self._reactor = reactor
        self._tidy = tidy
        self._calm = calm
        self._now_us = now_us
        self._failing = False
        self._threads = ThreadPool(1, 1, "tidy")
        self._stepping: Deferred[Any] | None = None
        self._next: Any = None

    def startService(self) -> None:
        """Begin."""
        Service.startService(self)
        self._threads.start()
        self._turn()

    @inlineCallbacks
    def stopService(self) -> Any:
        """Begin no further step; fires when the one that goes on has ended."""
        Service.stopService(self)
        if self._next is not None and self._next.active():
            self._next.cancel()
        if self._stepping is not None:
            yield self._stepping
        self._threads.stop()

    def _turn(self) -> None:
        if not self._calm():
            self._next = self._reactor.callLater(BUSY_S, self._turn)
            return
        began_s = self._reactor.seconds()
        self._stepping = deferToThreadPool(self._reactor, self._threads, self._step)
        self._stepping.addCallbacks(self._stepped, self._failed, callbackArgs=(began_s,))
        self._stepping.addCallback(self._wait)

    def _step(self) -> bool:
        """In the thread."""
        moment = datetime.fromtimestamp(self._now_us() / 1e6, UTC)
        return self._tidy(moment.replace(tzinfo=None))

    def _stepped(self, more: bool, began_s: float) -> float:
        self.steps += 1
        self._failing = False
        return max(LEAST_PAUSE_S, self._reactor.seconds() - began_s) if more else REST_S

    def _failed(self, failure: Failure) -> float:
        """The ingest says that a store does not serve; a fault of ours is logged once."""
        if not failure.check(StoreUnavailable):
            self.faults += 1
            if not self._failing:
                self._failing = True
                self._log.failure("tidying the store failed, it is tried again", failure)
        return REST_S

    def _wait(self, wait_s: float) -> None:
        self._stepping = None
        if self.running:
            self._next = self._reactor.callLater(wait_s, self._turn)
