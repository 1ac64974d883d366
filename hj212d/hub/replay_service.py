"""Runs replays for the control socket: one at a time, in a thread, with progress lines.

A client that goes ends its replay between two batches; doing it again is safe.
Tests: tests/hub/test_hub_process.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from twisted.application.service import Service
from twisted.internet.defer import Deferred, fail
from twisted.internet.threads import deferToThreadPool

from hj212d.hub.devices import Devices
from hj212d.hub.replay import Progress, Replay, Selection
from hj212d.hub.slow_work import Busy
from store.timeseries import TimeSeriesStore

OnProgress = Callable[[dict[str, Any]], None]


class _Abandoned(Exception):
    """Nobody listens any more."""


class Run:
    """One replay that goes on. ``done`` fires with its last progress, None when abandoned."""

    def __init__(self) -> None:
        self.done: Deferred[dict[str, Any] | None] = Deferred()
        self.abandoned = False

    def abandon(self) -> None:
        """End it after the batch it is at."""
        self.abandoned = True


class ReplayService(Service):
    """Owner of the replay that runs, if any."""

    def __init__(
        self,
        reactor: Any,
        journal_dir: Path,
        store: TimeSeriesStore,
        devices: Devices,
        after: Callable[[], None],
    ) -> None:
        """``after`` is called when a replay has changed the store."""
        self.clock_tolerance_s = 600.0
        self.late_after_s = 600.0
        self._reactor = reactor
        self._journal_dir = journal_dir
        self._store = store
        self._devices = devices
        self._after = after
        self._run: Run | None = None

    def start(self, selection: Selection, on_progress: OnProgress) -> Run:
        """Begin one; ``done`` fails with Busy while another one runs, or with what the store
        and the journal raise."""
        run = Run()
        if self._run is not None:
            run.done = fail(Busy("a replay is running already"))
            return run
        self._run = run

        def report(progress: Progress) -> None:
            if run.abandoned:
                raise _Abandoned
            self._reactor.callFromThread(on_progress, msgspec.to_builtins(progress))

        def work() -> dict[str, Any] | None:
            replay = Replay(
                self._journal_dir,
                self._store,
                device=self._devices.device,
                admit=self._devices.admit,
                clock_tolerance_s=self.clock_tolerance_s,
                late_after_s=self.late_after_s,
                report=report,
            )
            try:
                progress: dict[str, Any] = msgspec.to_builtins(replay.run(selection))
            except _Abandoned:
                return None
            return progress

        threads = self._reactor.getThreadPool()
        run.done = deferToThreadPool(self._reactor, threads, work)
        run.done.addBoth(self._ended)
        return run

    def stopService(self) -> Deferred[Any] | None:
        """End the one that runs; fires when it has ended."""
        Service.stopService(self)
        if self._run is None:
            return None
        self._run.abandon()
        ended: Deferred[None] = Deferred()

        def tell(result: Any) -> Any:
            ended.callback(None)
            return result

        self._run.done.addBoth(tell)
        return ended

    def _ended(self, result: Any) -> Any:
        self._run = None
        self._after()
        return result
