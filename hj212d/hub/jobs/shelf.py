"""The folder DATA/reports: a folder a job with its file and what is known of it.

Names in it are made here and never taken from a request. Tests: tests/hub/jobs/test_shelf.py.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import msgspec
from twisted.logger import Logger

from hj212d.hub.jobs.job import Job

RECORD = "job.json"
RESULT = "result"
ENDED = "the daemon ended while the job was under way"

_ID = re.compile(r"[0-9a-f]{32}")
_DAY_US = 86_400 * 1_000_000


class Shelf:
    """Owner of the folder; all calls are short."""

    _log = Logger()

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, job: Job) -> Path:
        """Where the job's file is written to."""
        return self._folder / job.id / f"{RESULT}.{job.suffix}"

    def keep(self, job: Job) -> None:
        """Write down what is known of a job; OSError when the disk will not."""
        home = self._folder / job.id
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = home / f".{RECORD}"
        half.write_bytes(msgspec.json.encode(job))
        os.replace(half, home / RECORD)

    def load(self, now_us: int) -> dict[str, Job]:
        """All jobs, the oldest first; what was under way has failed. What cannot be read is
        logged and goes."""
        found = []
        for home in self._folder.iterdir() if self._folder.is_dir() else ():
            if not _ID.fullmatch(home.name):
                continue
            try:
                job = msgspec.json.decode((home / RECORD).read_bytes(), type=Job)
            except (OSError, msgspec.MsgspecError) as fault:
                self._log.warn("event=job_unreadable id={id} {fault}", id=home.name, fault=fault)
                shutil.rmtree(home, ignore_errors=True)
                continue
            if not job.is_over:
                job.state, job.error, job.finished_us = "failed", ENDED, now_us
                self.place(job).unlink(missing_ok=True)
                self.keep(job)
            found.append(job)
        return {job.id: job for job in sorted(found, key=lambda job: job.created_us)}

    def remove(self, job: Job) -> None:
        """Its folder and all in it."""
        shutil.rmtree(self._folder / job.id, ignore_errors=True)

    def outdated(
        self, jobs: dict[str, Job], now_us: int, keep_days: float, max_mb: int
    ) -> list[Job]:
        """Jobs that are over and whose time is: too old, or the oldest of too many bytes."""
        over = [job for job in jobs.values() if job.is_over]
        old = [job for job in over if (job.finished_us or 0) + keep_days * _DAY_US < now_us]
        room = max_mb * 1_000_000 - sum(job.bytes for job in over if job not in old)
        for job in over:
            if room >= 0:
                break
            if job not in old:
                old.append(job)
                room += job.bytes
        return old
