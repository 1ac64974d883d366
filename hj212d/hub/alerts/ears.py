"""Who listens now, and since when: the workers that are there and read what arrives.

A worker that goes on while the hub is away is known by the moment at which its process began.
Where the machine's clock was set, they listen since then: what was heard before has other times.
Tests: tests/hub/alerts/test_ears.py.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

_DEAF = ("full", "failed")  # states of a journal at which a worker reads nothing
CLOCK_SET_US = 60_000_000  # a step between two looks that is no slewing
_TICKS_S = os.sysconf("SC_CLK_TCK")
_BEGAN_FIELD = 19  # of /proc/PID/stat behind the name (proc(5): field 22, ticks since the boot)


class Ears:
    """``rows``: of the workers (`Workers.rows`); ``began``: PID -> when its process began, UTC
    microseconds; ``steady_us``: microseconds of a clock that nobody sets."""

    def __init__(
        self,
        rows: Callable[[], list[dict[str, Any]]],
        now_us: Callable[[], int],
        began: Callable[[int], int | None] | None = None,
        steady_us: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000,
    ) -> None:
        self._rows = rows
        self._now_us = now_us
        self._began_of = began or (lambda pid: began_us(pid, now_us()))
        self._steady_us = steady_us
        self._ahead_us: int | None = None  # the machine's clock of the steady one
        self._began: Mapping[int, int] = {}

    def begun_us(self) -> int | None:
        """Since when the one has listened that does so longest; None: nobody does."""
        there = [
            row["pid"]
            for row in self._rows()
            if row["connected"] and row.get("journal_state", "ok") not in _DEAF
        ]
        now = self._now_us()
        before, self._ahead_us = self._ahead_us, now - self._steady_us()
        if before is not None and abs(self._ahead_us - before) > CLOCK_SET_US:
            log.warning("event=clock_set by_s=%.0f", (self._ahead_us - before) / 1e6)
            self._began = dict.fromkeys(there, now)
        else:
            self._began = {pid: self._since(pid) for pid in there}
        return min(self._began.values(), default=None)

    def _since(self, pid: int) -> int:
        known = self._began.get(pid)
        if known is not None:
            return known
        found = self._began_of(pid)
        return self._now_us() if found is None else found


def began_us(pid: int, now_us: int) -> int | None:
    """When a process began, by the machine's clock of now; None when there is none."""
    with suppress(OSError, ValueError, IndexError):
        stat = Path(f"/proc/{pid}/stat").read_text()
        ticks = int(stat.rpartition(")")[2].split()[_BEGAN_FIELD])
        age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / _TICKS_S
        return now_us - round(max(0.0, age_s) * 1e6)
    return None
