"""Removes old segments that every reader has read. Tests: tests/journal/test_retention.py."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import msgspec

from hj212d.journal import cursors
from hj212d.journal.lanes import extents, lanes

_DAY_S = 86400.0


class _Closed(msgspec.Struct, frozen=True):
    """A segment that is not the newest of its lane. ``closed_at``: UTC seconds."""

    closed_at: float
    lane: str
    path: Path
    end: int
    file_bytes: int


def sweep(journal_dir: Path, max_bytes: int, retain_days: float, now: float) -> list[Path]:
    """Remove closed segments beyond ``max_bytes`` in all or older than ``retain_days`` (0: no
    limit) at ``now`` (UTC seconds); the paths removed, oldest first.

    Never the newest segment of a lane, never one that a reader in ``cursors/`` has not read to
    its end. A lane without an entry is unread; without any reader nothing is removed.
    """
    journal_dir = Path(journal_dir)
    readers = cursors.positions(journal_dir).values()
    if not readers:
        return []
    closed: list[_Closed] = []
    total = 0
    for lane in lanes(journal_dir):
        found = extents(journal_dir / lane)
        total += sum(extent.file_bytes for extent in found)
        closed_at = 0.0
        for extent, following in pairwise(found):
            header = following.header
            seconds = header.created_us / 1e6 if header else extent.path.stat().st_mtime
            # Never before the one before: a clock that was set back must not tear a hole.
            closed_at = max(closed_at, seconds)
            closed.append(_Closed(closed_at, lane, extent.path, extent.end, extent.file_bytes))
    closed.sort(key=lambda segment: (segment.closed_at, segment.path))

    removed = []
    for segment in closed:
        too_many = max_bytes and total > max_bytes
        too_old = retain_days and now - segment.closed_at > retain_days * _DAY_S
        if not (too_many or too_old):
            # The order is by time: all that follow are younger.
            break
        if any(reader.get(segment.lane, 0) < segment.end for reader in readers):
            continue
        segment.path.unlink(missing_ok=True)
        removed.append(segment.path)
        total -= segment.file_bytes
    return removed
