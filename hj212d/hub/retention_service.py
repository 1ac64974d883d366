"""Lets old journal segments go, every minute, off the event loop.

What may go is decided by hj212d.journal.retention. Tests: tests/hub/test_hub_process.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.times import iso
from hj212d.journal import retention
from hj212d.journal.settings import JournalSettings

EVERY_S = 60.0


class RetentionService(Service):
    """Sweeps the journal. ``settings`` may be exchanged at any time."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        journal_dir: Path,
        settings: JournalSettings,
        now_us: Callable[[], int],
    ) -> None:
        self.settings = settings
        self._reactor = reactor
        self._journal_dir = journal_dir
        self._now_us = now_us
        self._removed = 0
        self._swept_us: int | None = None
        self._error = ""
        self._sweeping: Deferred[None] | None = None
        self._loop = LoopingCall(self._begin)
        self._loop.clock = reactor

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {
            "segments_removed_total": self._removed,
            "swept_at": iso(self._swept_us),
            "error": self._error,
        }

    def startService(self) -> None:
        """Sweep now and then every minute."""
        Service.startService(self)
        self._loop.start(EVERY_S)

    def stopService(self) -> Deferred[None] | None:
        """Stop; fires when a sweep that runs has ended."""
        Service.stopService(self)
        self._loop.stop()
        return self._sweeping

    def _begin(self) -> Deferred[None]:
        threads = self._reactor.getThreadPool()
        self._sweeping = deferToThreadPool(self._reactor, threads, self._sweep)
        self._sweeping.addErrback(self._failed)
        return self._sweeping

    def _sweep(self) -> None:
        """In a thread."""
        now_us = self._now_us()
        settings = self.settings
        removed = retention.sweep(
            self._journal_dir, settings.max_bytes, settings.retain_days, now_us / 1e6
        )
        self._removed += len(removed)
        self._swept_us = now_us
        self._error = ""

    def _failed(self, failure: Failure) -> None:
        self._error = failure.getErrorMessage()
        self._log.failure("sweeping the journal failed, it is tried again", failure)
