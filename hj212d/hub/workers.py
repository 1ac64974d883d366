"""What all workers count together, with totals that survive the restart of a worker.

A restarted worker starts from 0, so the last figures of the process before it are kept and added.
Pure bookkeeping over the stats messages: fields that end in ``_total`` and the counters by label
(``COUNTED_BY_LABEL``) only grow and are summed over all processes that ever were; every other
number belongs to the moment and counts only while its worker is there.
Tests: tests/hub/test_workers.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from hj212d.hub.times import iso

TOTAL_SUFFIX = "_total"
COUNTED_BY_LABEL = ("rejected", "repairs", "refused", "closed", "conflicts")
MAX_LABELS = 1500  # of one counter; what comes above it is added up under ""


class Process(msgspec.Struct):
    """One listener process, as it told of itself."""

    pid: int
    lane: str
    connected: bool = True
    heard_us: int = 0
    stats: dict[str, Any] = {}


class Workers:
    """Slot -> its process, and the figures of those before it."""

    def __init__(self) -> None:
        self._processes: dict[int, Process] = {}
        self._past_totals: Counter[str] = Counter()
        self._past_labels: dict[str, Counter[str]] = {name: Counter() for name in COUNTED_BY_LABEL}

    def hello(self, slot: int, pid: int, lane: str, now_us: int) -> None:
        """A worker connected. The same pid again is the same process after a broken connection."""
        known = self._processes.get(slot)
        if known is not None and known.pid == pid:
            known.connected = True
            known.heard_us = now_us
            return
        if known is not None:
            self._keep(known)
        self._processes[slot] = Process(pid, lane, heard_us=now_us)

    def stats(self, slot: int, stats: dict[str, Any], now_us: int) -> None:
        """New figures of a worker that said hello."""
        process = self._processes[slot]
        process.stats = stats
        process.heard_us = now_us

    def gone(self, slot: int) -> None:
        """The connection to a worker broke; its totals stay, its moment is over."""
        self._processes[slot].connected = False

    def total(self, name: str) -> int:
        """Sum of a field that only grows: ``frames_total``."""
        return self._past_totals[name] + sum(
            _whole(process.stats.get(name)) for process in self._processes.values()
        )

    def labels(self, name: str) -> dict[str, int]:
        """Sum of a counter by label: ``rejected``, in order of label."""
        sums = Counter(self._past_labels[name])
        for process in self._processes.values():
            _add(sums, process.stats.get(name))
        return dict(sorted(sums.items()))

    def moment(self, name: str) -> int:
        """Sum of a number of the moment over the workers that are there: ``links``."""
        return sum(
            _whole(process.stats.get(name))
            for process in self._processes.values()
            if process.connected
        )

    @property
    def connected(self) -> int:
        """Workers that are there."""
        return sum(1 for process in self._processes.values() if process.connected)

    def journal_states(self) -> list[str]:
        """State of the journal at each worker that is there."""
        return [
            str(process.stats.get("journal_state", "ok"))
            for process in self._processes.values()
            if process.connected
        ]

    def paused(self) -> dict[str, Any]:
        """How many workers accept nobody or read nothing now, and how many links wait."""
        states = [
            process.stats.get("paused")
            for process in self._processes.values()
            if process.connected
        ]
        found = [state for state in states if isinstance(state, Mapping)]
        return {
            "listening": sum(1 for state in found if state.get("listening")),
            "journal": sum(1 for state in found if state.get("journal")),
            "links": sum(_whole(state.get("links")) for state in found),
        }

    def codecs(self, own: str) -> dict[str, int]:
        """How many processes use which codec: ours (``own``), and the workers that are there.
        During an upgrade they may differ."""
        counted = Counter([own])
        for process in self._processes.values():
            name = process.stats.get("codec")
            if process.connected and isinstance(name, str):
                counted[name] += 1
        return dict(sorted(counted.items()))

    def rows(self) -> list[dict[str, Any]]:
        """One row a worker, in order of slot: who it is and its numbers of the moment."""
        return [
            {
                "slot": slot,
                "pid": process.pid,
                "lane": process.lane,
                "connected": process.connected,
                "heard_at": iso(process.heard_us),
                **{
                    name: value
                    for name, value in process.stats.items()
                    if name not in COUNTED_BY_LABEL
                },
                "links": _whole(process.stats.get("links")) if process.connected else 0,
            }
            for slot, process in sorted(self._processes.items())
        ]

    def _keep(self, process: Process) -> None:
        """Add the last figures of a process that is no more to the past."""
        for name, value in process.stats.items():
            if name.endswith(TOTAL_SUFFIX):
                self._past_totals[name] += _whole(value)
        for name, sums in self._past_labels.items():
            _add(sums, process.stats.get(name))


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _add(sums: Counter[str], counts: Any) -> None:
    if not isinstance(counts, Mapping):
        return
    for label, n in counts.items():
        sums[label if label in sums or len(sums) < MAX_LABELS else ""] += _whole(n)
