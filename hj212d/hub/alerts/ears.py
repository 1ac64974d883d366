"""Who listens now, and since when: the workers that are there and read what arrives.

A worker that goes on while the hub is away is known by the moment at which its process began.
Tests: tests/hub/alerts/test_ears.py.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_DEAF = ("full", "failed")  # states of a journal at which a worker reads nothing
_TICKS_S = os.sysconf("SC_CLK_TCK")
_BEGAN_FIELD = 19  # of /proc/PID/stat behind the name (proc(5): field 22, ticks since the boot)


class Ears:
    """``rows``: of the workers (`Workers.rows`); ``began``: PID -> when its process began, UTC
    microseconds."""

    def __init__(
        self,
        rows: Callable[[], list[dict[str, Any]]],
        now_us: Callable[[], int],
        began: Callable[[int], int | None] | None = None,
    ) -> None:
        self._rows = rows
        self._now_us = now_us
        self._began_of = began or (lambda pid: began_us(pid, now_us()))
        self._began: Mapping[int, int] = {}

    def begun_us(self) -> int | None:
        """Since when the one has listened that does so longest; None: nobody does."""
        there = [
            row["pid"]
            for row in self._rows()
            if row["connected"] and row.get("journal_state", "ok") not in _DEAF
        ]
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
