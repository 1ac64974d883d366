"""Looks each minute what the clock has due, one thing after another.

The registry alone remembers what was told; here stands only what need not be asked again. What
fails is tried again with the next look, and named in the status.
Tests: tests/hub/schedules/test_schedule_service.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from twisted.application.service import Service
from twisted.internet.defer import Deferred, inlineCallbacks, maybeDeferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from alerts.schedules.settings import SchedulesSettings
from hj212d.hub.bulletins.service import Times
from hj212d.hub.schedules.telling import Slow, Steps
from hj212d.hub.slow_work import Busy, TookTooLong
from store.registry.errors import RegistryUnavailable
from store.timeseries import StoreUnavailable

FIRST_S = 15.0  # after the start: the registry opens, the store catches up
_NOT_NOW = (StoreUnavailable, RegistryUnavailable, Busy, TookTooLong)


class Teller(Protocol):
    """One schedule."""

    settings: SchedulesSettings
    status: dict[str, Any]

    def look(self) -> Deferred[Any]:
        """Do what is due."""


class ScheduleService(Service):
    """``wake``: what is to be called at ``warning_at``."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        tellers: Mapping[str, Teller],
        wake: Callable[[], object],
        slow: Slow,
        calendar: Times,
        settings: SchedulesSettings,
    ) -> None:
        self.settings = settings
        self._reactor = reactor
        self._tellers = tellers
        self._wake = wake
        self._slow = slow
        self._calendar = calendar
        self._working = False
        self._again = False
        self._later: Any = None
        self._errors: dict[str, str] = {}
        self._faults = 0

    def startService(self) -> None:
        """Begin; what was missed while no hub ran is caught up with soon."""
        Service.startService(self)
        self._plan()
        self._calendar.start()
        self._later = self._reactor.callLater(FIRST_S, self.look)

    def stopService(self) -> None:
        """Begin nothing more."""
        Service.stopService(self)
        self._calendar.stop()
        if self._later is not None and self._later.active():
            self._later.cancel()
        self._slow.close()

    def configure(self, settings: SchedulesSettings) -> None:
        """Other settings from now on."""
        if settings == self.settings:
            return
        self.settings = settings
        for teller in self._tellers.values():
            teller.settings = settings
        self._plan()
        self.look_anew()

    def look(self) -> None:
        """Do what is due; asked while that goes on, once more behind it."""
        if not self.running or not self.settings.on:
            return
        if self._working:
            self._again = True
            return
        self._working, self._again = True, False
        maybeDeferred(self._look).addBoth(self._looked)

    def look_anew(self) -> None:
        """The same, warnings evaluated."""
        self._wake()
        self.look()

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {
            "on": self.settings.on,
            "error": next(iter(self._errors.values()), ""),
            "faults_total": self._faults,
            **{name: teller.status for name, teller in self._tellers.items()},
        }

    def _plan(self) -> None:
        # Each minute anew: what is due, only the registry and the clock say.
        self._calendar.at("schedules", self.look, minute="*")
        hour, minute = self.settings.warning_at.split(":")
        self._calendar.at("warnings", self.look_anew, hour=hour, minute=minute)

    @inlineCallbacks
    def _look(self) -> Steps:
        for name, teller in self._tellers.items():
            if not self.running:
                return
            try:
                yield maybeDeferred(teller.look)
            except Exception:  # noqa: BLE001 - one schedule must not keep the others from theirs
                self._failed(name, Failure())
            else:
                self._errors.pop(name, None)

    def _looked(self, _: object) -> None:
        self._working = False
        if self._again and self.running:
            self._reactor.callLater(0, self.look)

    def _failed(self, name: str, failure: Failure) -> None:
        self._errors[name] = failure.getErrorMessage()
        if failure.check(*_NOT_NOW):
            self._log.warn(
                "event=schedule_waits name={name} why={why}",
                name=name,
                why=failure.getErrorMessage(),
            )
        else:
            self._faults += 1
            self._log.failure("schedule {name} failed", failure, name=name)
