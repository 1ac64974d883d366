"""Has forecasts made once a day by a process of the job room, in time to be published.

The store remembers what was made: an issue that was missed while the hub was away is caught up
with until the end of its day. Tests: tests/hub/forecasts/test_forecast_schedule.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.forecasts.settings import ForecastSettings
from hj212d.hub.jobs.room import Full
from store.timeseries import StoreUnavailable

FIRST_S = 60.0
AGAIN_S = 600.0
_DAY_US = 86_400_000_000
_BEIJING_US = 28_800_000_000
_MINUTE_US = 60_000_000
WHO = "schedule"


class Times(Protocol):
    """Who calls at times of day (`Calendar`)."""

    def at(self, name: str, call: Callable[[], object], **cron: str) -> None:
        """Call at all these times."""

    def start(self) -> None:
        """From now on."""

    def stop(self) -> None:
        """No more."""


class ForecastSchedule(Service):
    """``newest_us``: when the newest kept forecast was issued, fires later; ``submit``: has one
    made, raises Full."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        calendar: Times,
        newest_us: Callable[[], Deferred[int | None]],
        submit: Callable[[str], object],
        settings: ForecastSettings,
        now_us: Callable[[], int],
    ) -> None:
        self._reactor = reactor
        self._calendar = calendar
        self._newest_us = newest_us
        self._submit = submit
        self._settings = settings
        self._now_us = now_us
        self._later: Any = None

    def startService(self) -> None:
        """Begin; soon after the start it is seen whether today's was missed."""
        Service.startService(self)
        self._plan()
        self._calendar.start()
        self._soon(FIRST_S)

    def stopService(self) -> None:
        """Begin nothing more."""
        Service.stopService(self)
        self._calendar.stop()
        if self._later is not None and self._later.active():
            self._later.cancel()

    def configure(self, settings: ForecastSettings) -> None:
        """Other settings from now on."""
        if settings != self._settings:
            self._settings = settings
            self._plan()

    def look(self) -> None:
        """Have today's forecast made, if it is time and it was not."""
        if not self.running or not self._settings.on:
            return
        due = self._due_us()
        if self._now_us() < due:
            return
        found = self._newest_us()
        found.addCallback(self._make_unless, due)
        found.addErrback(self._failed)

    def _due_us(self) -> int:
        """When today's is due."""
        hour, minute = self._settings.at.split(":")
        midnight = (self._now_us() + _BEIJING_US) // _DAY_US * _DAY_US - _BEIJING_US
        return midnight + (int(hour) * 60 + int(minute)) * _MINUTE_US

    def _make_unless(self, newest_us: int | None, due_us: int) -> None:
        # An issue bears the last whole hour before it was made.
        if newest_us is not None and newest_us > due_us - 60 * _MINUTE_US:
            return
        self._submit(WHO)
        self._log.info("event=forecast_begun")

    def _failed(self, failure: Failure) -> None:
        if failure.check(Full, StoreUnavailable) is None:
            self._log.failure("event=forecast_fault", failure)
        else:
            self._log.warn("event=forecast_waits why={why}", why=failure.getErrorMessage())
        if self.running:
            self._soon(AGAIN_S)

    def _soon(self, delay_s: float) -> None:
        if self._later is None or not self._later.active():
            self._later = self._reactor.callLater(delay_s, self.look)

    def _plan(self) -> None:
        hour, minute = self._settings.at.split(":")
        self._calendar.at("forecast", self.look, hour=hour, minute=minute)
