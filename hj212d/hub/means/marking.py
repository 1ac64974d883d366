"""The marks of people that count, kept beside the thread that rolls up.

Filled from the registry on the event loop, read in the thread. Tests:
tests/hub/means/test_marking.py.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from hj212d.hub.decisions.review_marks import admissions, exclusions
from store.means import Exclusion
from store.registry.decisions import ReviewRecord

# A mark on the edge of a span may be on values that belong to the hour beside it.
_EDGE = timedelta(days=1)

Exclusions = tuple[Exclusion, ...]


class Marks:
    """``loaded``: whether the registry's marks are known at all; before, nothing may be made."""

    def __init__(self) -> None:
        self.loaded = False
        self.last_change = 0
        self._marks: dict[int, ReviewRecord] = {}
        self._lock = threading.Lock()

    def take(self, changed: Iterable[ReviewRecord]) -> None:
        """What changed since ``last_change``, in order of change; the first time all of it."""
        with self._lock:
            for mark in changed:
                self._marks[mark.id] = mark
                self.last_change = max(self.last_change, mark.change)
            self.loaded = True

    def since(self, change: int) -> list[ReviewRecord]:
        """Marks that were made or revoked behind a change."""
        with self._lock:
            return [mark for mark in self._marks.values() if mark.change > change]

    def between(
        self, start: datetime, end: datetime, mns: Sequence[str] | None
    ) -> tuple[Exclusions, Exclusions]:
        """Readings of some MNs (None: all) that do not count, and those whose flags do not."""
        first, behind = (one.replace(tzinfo=UTC) for one in (start - _EDGE, end + _EDGE))
        of = None if mns is None else set(mns)
        with self._lock:
            some = [
                mark
                for mark in self._marks.values()
                if mark.revoked_at is None
                and mark.start < behind
                and mark.end > first
                and (of is None or mark.mn in of)
            ]
        return exclusions(some), admissions(some)
