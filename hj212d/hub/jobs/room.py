"""Does one job after the other in child processes; what waits is bounded, what is done is kept.

A job that is running when the hub stops is ended. Tests: tests/hub/jobs/test_room.py.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import inlineCallbacks
from twisted.internet.process import reapAllProcesses
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from hj212d.hub.jobs.child import Child
from hj212d.hub.jobs.job import Job, new_id
from hj212d.hub.jobs.settings import ReportsSettings
from hj212d.hub.jobs.shelf import Shelf

SWEEP_S = 600.0
REAP_S = 0.1
NICENESS = 10  # readings and answers go before reports
COMMAND = (sys.executable, "-m", "hj212d.cli.main")
_STOPPED = "the daemon is stopping"
_LATE = "not done within reports.timeout_s"
_NO_FILE = "the job ended without a file"


class Full(Exception):
    """As many jobs wait as may; the text is one sentence."""


class JobRoom(Service):
    """``base``: options of every command, those that say which data folder and configuration."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        folder: Path,
        base: Sequence[str],
        settings: ReportsSettings,
        now_us: Callable[[], int],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.settings = settings
        self.jobs: dict[str, Job] = {}
        self._reactor = reactor
        self._shelf = Shelf(folder)
        self._base = list(base)
        self._command = list(command)
        self._now_us = now_us
        self._child: Child | None = None
        self._running: Job | None = None
        self._sweeping = LoopingCall(self.sweep)
        self._sweeping.clock = reactor

    def startService(self) -> None:
        """Know what was made before."""
        Service.startService(self)
        self.jobs = self._shelf.load(self._now_us())
        self._sweeping.start(SWEEP_S)

    @inlineCallbacks
    def stopService(self) -> Any:
        """End the child, and wait until it is gone."""
        Service.stopService(self)
        if self._sweeping.running:
            self._sweeping.stop()
        if self._child is not None:
            child = self._child
            child.stop(_STOPPED)
            yield child.ended

    def submit(
        self, kind: str, argv: Sequence[str], suffix: str, asked: dict[str, Any], who: str
    ) -> Job:
        """A new job, begun at once when nothing runs. Full when too many wait."""
        waiting = len(self._waiting())
        if waiting >= self.settings.waiting and self._running is not None:
            raise Full(f"{waiting} jobs wait already; try again later")
        job = Job(new_id(), kind, who, asked, list(argv), suffix, self._now_us())
        self._shelf.keep(job)
        self.jobs[job.id] = job
        self._next()
        return job

    def ahead(self, job: Job) -> int:
        """How many jobs are done before this one begins."""
        if job.state != "queued":
            return 0
        before = [one for one in self._waiting() if one.created_us < job.created_us]
        return len(before) + (self._running is not None)

    def result(self, job: Job) -> Path | None:
        """The file of a job that is done, while it is there."""
        path = self._shelf.place(job)
        return path if job.state == "done" and path.is_file() else None

    def remove(self, job: Job) -> None:
        """Give it up if it is under way, and forget it with its file."""
        if job is self._running and self._child is not None:
            job.state = "cancelled"
            self._child.stop("cancelled")
        self.jobs.pop(job.id, None)
        self._shelf.remove(job)

    def sweep(self) -> None:
        """Forget what is too old or too much."""
        keep, most = self.settings.keep_days, self.settings.max_mb
        for job in self._shelf.outdated(self.jobs, self._now_us(), keep, most):
            self.remove(job)

    def status(self) -> dict[str, Any]:
        """For `status`: how many wait and are kept."""
        return {
            "running": self._running is not None,
            "waiting": len(self._waiting()),
            "kept": sum(job.is_over for job in self.jobs.values()),
            "bytes": sum(job.bytes for job in self.jobs.values()),
        }

    def _waiting(self) -> list[Job]:
        return [job for job in self.jobs.values() if job.state == "queued"]

    def _next(self) -> None:
        """Begin the oldest job that waits, when none runs."""
        waiting = self._waiting()
        if self._running is not None or not waiting or not self.running:
            return
        job = self._running = waiting[0]
        job.state, job.started_us = "running", self._now_us()
        child = self._child = Child(self._reactor, lambda said: _take(job, said))
        output = self._shelf.place(job)
        arguments = [*job.argv, *self._base, f"--output={output}", "--progress-json"]
        process = self._reactor.spawnProcess(
            child,
            self._command[0],
            [*self._command, *arguments],
            env=_environment(),
            childFDs={0: "w", 1: "r", 2: "r"},
        )
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
        # uvloop keeps SIGCHLD to itself: without this the end of a child is noticed by chance.
        # One for each child: it is stopped from within its own call, and the next begins there.
        reaping = LoopingCall(reapAllProcesses)
        reaping.clock = self._reactor
        reaping.start(REAP_S, now=False)
        limit = self._reactor.callLater(self.settings.timeout_s, child.stop, _LATE)
        child.ended.addCallback(self._ended, job, limit, reaping)
        child.ended.addErrback(self._fault, job)

    def _ended(self, end: tuple[int, str], job: Job, limit: Any, reaping: LoopingCall) -> None:
        reaping.stop()
        if limit.active():
            limit.cancel()
        status, why = end
        path = self._shelf.place(job)
        self._child = self._running = None
        job.finished_us = self._now_us()
        if status == 0 and path.is_file():
            job.state, job.file, job.bytes = "done", path.name, path.stat().st_size
        elif job.state != "cancelled":
            job.state, job.error = "failed", why or _NO_FILE
        self._log.info(
            "event=job kind={job.kind} state={job.state} s={took:.1f} bytes={job.bytes} "
            "{job.error}",
            job=job,
            took=(job.finished_us - (job.started_us or job.finished_us)) / 1e6,
        )
        if job.id in self.jobs:
            self._shelf.keep(job)
        else:
            self._shelf.remove(job)
        self._next()

    def _fault(self, failure: Any, job: Job) -> None:
        """A fault of ours over one job must not stop the others."""
        self._log.failure("event=job_fault id={id}", failure, id=job.id)
        job.state, job.error = "failed", "our own code failed; the log says more"
        self._child = self._running = None
        self._next()


def _take(job: Job, said: dict[str, Any]) -> None:
    """A line of progress: {"stage", "done", "total"}, at last {"made": {...}}."""
    made = said.get("made")
    if isinstance(made, dict):
        job.title = str(made.get("title", ""))[:200]
        return
    job.stage = str(said.get("stage", ""))[:100]
    for name in ("done", "total"):
        count = said.get(name)
        if isinstance(count, int):
            setattr(job, name, count)


def _environment() -> dict[str, str]:
    """Ours, with one thread for the libraries that would take all cores."""
    ours = {name: value for name, value in os.environ.items() if name != "LISTEN_FDS"}
    return {**ours, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
