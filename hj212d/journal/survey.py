"""The whole journal as it lies there, for those who go over all of it: lanes, segments, how far
each may be looked at, and how far one has come. Tests: tests/journal/test_inspect.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from hj212d.journal.lanes import DURABLE, Extent, extents, lanes, unwritten
from hj212d.journal.mark import read_mark

Progress = Callable[[int, int], None]
"""Is called with the bytes done and the bytes in all."""

_STEP_BYTES = 4 * 1024 * 1024


class LaneSurvey(msgspec.Struct, frozen=True):
    """A lane. ``live``: a writer has it, and the segments end at its mark; else they end where
    their files or the next segment's header say. ``durable``: the mark."""

    name: str
    live: bool
    durable: int | None
    segments: list[Extent]


def survey(journal_dir: Path, owned: Collection[str] = ()) -> list[LaneSurvey]:
    """All lanes at this moment. ``owned``: those whose lock the caller holds."""
    found = []
    for name in lanes(journal_dir):
        lane_dir = journal_dir / name
        with unwritten(lane_dir) as free:
            durable = read_mark(lane_dir / DURABLE)
            segments = extents(lane_dir)
        live = not free and name not in owned
        if live:
            limit = durable or 0
            segments = [
                msgspec.structs.replace(extent, end=max(extent.base, min(extent.end, limit)))
                for extent in segments
            ]
        found.append(LaneSurvey(name, live, durable, segments))
    return found


class Steps:
    """Counts bytes towards a total and tells ``progress`` every few of them."""

    def __init__(self, found: list[LaneSurvey], progress: Progress | None) -> None:
        self._total = sum(extent.file_bytes for lane in found for extent in lane.segments)
        self._progress = progress
        self._done = 0
        self._told = 0

    def add(self, count: int) -> None:
        """``count`` bytes more are done."""
        self._done += count
        if self._progress and self._done - self._told >= _STEP_BYTES:
            self._told = self._done
            self._progress(min(self._done, self._total), self._total)

    def finish(self) -> None:
        """All is done."""
        if self._progress:
            self._progress(self._total, self._total)
