"""Once a day the registry forgets what is over and old: in small pieces, with pauses between.

Each piece is a call like any other, so that commands and keys do not wait for it. What is over is
the registry's to say. Commands see to themselves. Tests: tests/hub/test_registry_keeping.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.registry_service import RegistryService
from hj212d.hub.times import iso
from store.registry.errors import RegistryUnavailable
from store.registry.keeping import FORGETTABLE, OF_ALERTS

FIRST_S = 300.0  # after the start, when there is more urgent work
EVERY_S = 86_400.0
AGAIN_S = 600.0  # when the registry was away, or our code failed
PIECE = 500
PAUSE_S = 0.2


class RegistryKeeping(Service):
    """``keep_days`` and, of what alerting wrote, ``alerts_days`` may be exchanged at any time; 0:
    for ever. ``gap_days``: gaps are looked for so many days back; those that were closed stay
    longer, or they would be found again."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        registry: RegistryService,
        now_us: Callable[[], int],
        keep_days: float,
        gap_days: float,
        alerts_days: float = 400.0,
    ) -> None:
        self.keep_days = keep_days
        self.alerts_days = alerts_days
        self.gap_days = gap_days
        self._reactor = reactor
        self._registry = registry
        self._now_us = now_us
        self._forgotten = dict.fromkeys(FORGETTABLE, 0)
        self._swept_us: int | None = None
        self._error = ""
        self._left: list[str] = []  # tables of the sweep that goes on
        self._later: Any = None
        self._calling: Deferred[Any] = succeed(None)

    def startService(self) -> None:
        """Begin, a while later."""
        Service.startService(self)
        self._wait(FIRST_S, self._begin)

    def stopService(self) -> Deferred[Any]:
        """Begin no further piece; fires when the one that is under way has ended."""
        Service.stopService(self)
        if self._later is not None:
            self._later.cancel()
            self._later = None
        return self._calling

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {
            "forgotten_total": sum(self._forgotten.values()),
            "swept_at": iso(self._swept_us),
            "error": self._error,
        }

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        if self.running:
            self._later = self._reactor.callLater(seconds, then)

    def _begin(self) -> None:
        self._left = [what for what in FORGETTABLE if self._days(what)]
        self._piece()

    def _piece(self) -> None:
        self._later = None
        while self._left and not self._days(self._left[0]):
            del self._left[0]  # it was said meanwhile that this stays
        if not self._left:
            self._wait(EVERY_S, self._begin)
            return
        what = self._left[0]
        before = self._before(what)
        called = self._registry.call(lambda registry: registry.keeping.forget(what, before, PIECE))
        self._calling = called.addCallbacks(
            self._forgot, self._failed, callbackArgs=(what,)
        ).addErrback(self._broke)

    def _days(self, what: str) -> float:
        return self.alerts_days if what in OF_ALERTS else self.keep_days

    def _before(self, what: str) -> datetime:
        days = self._days(what)
        if what == "gaps":
            days = max(days, self.gap_days + 2)  # it looks from a midnight on
        return datetime.fromtimestamp(self._now_us() / 1e6, UTC) - timedelta(days=days)

    def _forgot(self, count: int, what: str) -> None:
        self._forgotten[what] += count
        if count < PIECE:
            self._left.remove(what)
        if not self._left:
            self._swept_us, self._error = self._now_us(), ""
            self._log.info("event=registry_swept forgotten={total}", total=self._forgotten)
        self._wait(PAUSE_S, self._piece)

    def _failed(self, failure: Failure) -> None:
        """The rest of it later."""
        self._error = failure.getErrorMessage()
        if not failure.check(RegistryUnavailable):
            self._log.failure("forgetting what is old failed, it is tried again", failure)
        self._wait(AGAIN_S, self._piece)

    def _broke(self, failure: Failure) -> None:
        self._log.failure("keeping the registry failed by a fault of ours", failure)
