"""Rolls up while the hub runs: one step after the other in a thread of its own.

What a step does stands in rolling.py; here is when. Marks of people are read in the registry's
thread before each step. Event loop only. Tests: tests/hub/means/test_means_service.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from twisted.application.service import Service
from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from hj212d.hub.means.marking import Marks
from hj212d.hub.means.rolling import Halted, Rolling
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.times import iso
from store.registry.decisions import ReviewRecord
from store.registry.errors import RegistryUnavailable
from store.registry.open import Registry
from store.timeseries import StoreUnavailable

REST_S = 10.0  # after store or registry did not serve, or our code failed
MARKS_AT_ONCE = 10_000

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_COUNTED = ("hours", "days", "late_hours", "late_days", "wanted_hours", "rows", "changed")


class Keeping(Protocol):
    """The registry service."""

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """Do something in the registry's thread."""


class MeansService(Service):
    """Owner of the thread that rolls up.

    ``made``: hooks, called after each step that changed means. ``steps`` and ``faults`` count
    since the start.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        rolling: Rolling,
        marks: Marks,
        registry: Keeping,
        settings: MeansSettings,
        now_us: Callable[[], int],
    ) -> None:
        self.made: list[Callable[[], object]] = []
        self.steps = 0
        self.faults = 0
        self.rolling = rolling
        self._settings = settings
        self._reactor = reactor
        self._marks = marks
        self._registry = registry
        self._now_us = now_us
        self._failing = False
        self._late_due = 0.0  # by the reactor's clock
        self._threads = ThreadPool(1, 1, "means")
        self._stepping: Deferred[Any] | None = None
        self._next: Any = None

    @property
    def settings(self) -> MeansSettings:
        """Those in force; may be exchanged at any time."""
        return self._settings

    @settings.setter
    def settings(self, settings: MeansSettings) -> None:
        if settings != self._settings:
            self._settings = settings
            self.rolling.set(settings)
            self.look()

    def startService(self) -> None:
        """Begin."""
        Service.startService(self)
        self.rolling.halted = False
        self._threads.start()
        self._turn()

    @inlineCallbacks
    def stopService(self) -> Any:
        """Begin no further step and end the one that goes on before its next writing."""
        Service.stopService(self)
        self.rolling.halted = True
        if self._next is not None and self._next.active():
            self._next.cancel()
        if self._stepping is not None:
            yield self._stepping
        self._threads.stop()

    def look(self) -> None:
        """Look for work now rather than at the next turn."""
        if self._next is not None and self._next.active():
            self._next.reset(0)

    def status(self) -> dict[str, Any]:
        """For the status object."""
        upto = self.rolling.closed_upto
        return {
            "on": self._settings.on,
            "closed_upto": None if upto is None else iso((upto - _EPOCH) // _MICROSECOND),
            "lag_s": max(0.0, round(self.rolling.overdue_s(self._now()), 1)),
            **{f"{name}_total": self.rolling.counts[name] for name in _COUNTED},
            "seconds_total": round(self.rolling.seconds, 3),
            "hours_wanted": self.rolling.hours_wanted(),
            "steps_total": self.steps,
            "faults_total": self.faults,
        }

    def _turn(self) -> None:
        self._next = None
        if not self._settings.on:
            self._wait(self._settings.every_s)
            return
        before = self.rolling.counts["changed"]
        late = self._reactor.seconds() >= self._late_due
        self._stepping = self._registry.call(_marks_since, self._marks.last_change)
        self._stepping.addCallbacks(self._marks.take, self._without_new_marks)
        self._stepping.addCallback(
            lambda _: deferToThreadPool(self._reactor, self._threads, self._step, late)
        )
        self._stepping.addCallbacks(self._stepped, self._failed, callbackArgs=(before, late))
        self._stepping.addCallback(self._ended)

    def _without_new_marks(self, failure: Failure) -> None:
        """Those that are known do; without any, means would be made of what was taken out."""
        failure.trap(RegistryUnavailable)
        if not self._marks.loaded:
            failure.raiseException()

    def _step(self, late: bool) -> bool:
        """In the thread."""
        return self.rolling.step(self._now(), late=late)

    def _stepped(self, more: bool, before: int, late: bool) -> float:
        self.steps += 1
        self._failing = False
        if late:
            self._late_due = self._reactor.seconds() + self._settings.late_every_s
        if self.rolling.counts["changed"] != before:
            for hook in self.made:
                hook()
        if more:
            return 0.0
        until_next = -self.rolling.overdue_s(self._now())
        every = self._settings.every_s
        return min(every, until_next) if until_next > 0 else every

    def _failed(self, failure: Failure) -> float:
        """A fault of ours is logged once; store and registry say themselves that they are gone."""
        if not failure.check(StoreUnavailable, RegistryUnavailable, Halted):
            self.faults += 1
            if not self._failing:
                self._failing = True
                self._log.failure("making means failed, it is tried again", failure)
        return REST_S

    def _ended(self, wait_s: float) -> None:
        self._stepping = None
        self._wait(wait_s)

    def _wait(self, wait_s: float) -> None:
        if self.running:
            self._next = self._reactor.callLater(wait_s, self._turn)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._now_us() / 1e6, UTC).replace(tzinfo=None)


def _marks_since(registry: Registry, change: int) -> list[ReviewRecord]:
    """All of them, in the registry's thread."""
    found: list[ReviewRecord] = []
    while some := registry.reviews.since(change, MARKS_AT_ONCE):
        found += some
        change = some[-1].change
    return found
