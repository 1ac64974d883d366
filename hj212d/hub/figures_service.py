"""Figures that cost a look at the disk or the store, gathered once a second off the event loop.

Status answers from what was gathered last, so that it is quick when the store is slow, busy or
gone. Tests: tests/hub/test_hub_process.py.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.slow_work import SlowWork
from hj212d.journal.lanes import lanes, segments
from store.timeseries import StoreUnavailable

EVERY_S = 1.0


class Lag(Protocol):
    """What is used of :class:`hj212d.hub.ingest.Ingest`."""

    @property
    def lag_bytes(self) -> int:
        """Durable bytes of the journal that are not in the store."""

    @property
    def lag_seconds(self) -> float:
        """Age of the oldest of them."""


class Figures(msgspec.Struct, frozen=True):
    """What was gathered. None: not known yet."""

    lag_bytes: int | None = None
    lag_seconds: float | None = None
    journal_bytes: int | None = None
    journal_segments: int | None = None
    disk_free_bytes: int | None = None
    store_totals: dict[str, int] | None = None


class FiguresService(Service):
    """Keeps ``figures`` up to date. The store's totals are asked for only after a change."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        slow: SlowWork,
        journal_dir: Path,
        lag: Lag,
        totals: Callable[[], dict[str, int]],
        changes: Callable[[], object],
    ) -> None:
        """``totals``: of the store; ``changes``: a value that differs after each commit."""
        self.figures = Figures()
        self._reactor = reactor
        self._slow = slow
        self._journal_dir = journal_dir
        self._lag = lag
        self._totals = totals
        self._changes = changes
        self._seen: object = None
        self._failing = False
        self._loop = LoopingCall(self._begin)
        self._loop.clock = reactor

    def startService(self) -> None:
        """Gather now and then every second, never two at once."""
        Service.startService(self)
        self._loop.start(EVERY_S)

    def stopService(self) -> None:
        """Stop."""
        Service.stopService(self)
        self._loop.stop()

    def _begin(self) -> Deferred[None]:
        gathered = self._slow.defer(self._reactor, self._gather)
        return gathered.addCallbacks(self._keep, self._failed)

    def _keep(self, figures: Figures) -> None:
        self.figures = figures
        self._failing = False

    def _failed(self, failure: Failure) -> None:
        """The figures stay as they were; once is enough for the log."""
        if not self._failing:
            self._failing = True
            self._log.warn("no fresh figures: {why}", why=failure.getErrorMessage())

    def _gather(self) -> Figures:
        """In a thread."""
        found = [
            path for lane in lanes(self._journal_dir) for path in _paths(self._journal_dir, lane)
        ]
        return Figures(
            lag_bytes=self._lag.lag_bytes,
            lag_seconds=round(self._lag.lag_seconds, 3),
            journal_bytes=sum(_allocated(path) for path in found),
            journal_segments=len(found),
            disk_free_bytes=_free(self._journal_dir),
            store_totals=self._store_totals(),
        )

    def _store_totals(self) -> dict[str, int] | None:
        changes = self._changes()
        known = self.figures.store_totals
        if known is not None and changes == self._seen:
            return known
        try:
            totals = self._totals()
        except StoreUnavailable:
            return known
        self._seen = changes
        return totals


def _paths(journal_dir: Path, lane: str) -> list[Path]:
    return [path for _, path in segments(journal_dir / lane)]


def _allocated(path: Path) -> int:
    """Bytes a file takes; 0 when retention has just removed it."""
    try:
        return os.stat(path).st_blocks * 512
    except FileNotFoundError:
        return 0


def _free(directory: Path) -> int | None:
    try:
        return shutil.disk_usage(directory).free
    except FileNotFoundError:
        return None
