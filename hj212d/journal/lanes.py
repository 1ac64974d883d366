"""The folder of the journal: which lanes and segments are there, and who writes a lane.

Tests: tests/journal/test_lanes.py.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from hj212d.journal.errors import LaneBusy
from hj212d.journal.segment import HEADER_BYTES, Header, SegmentFile

CURSORS = "cursors"
DAMAGED = "damaged"
LOCK = "lock"
DURABLE = "durable"

_SEGMENT_NAME = re.compile(r"[0-9]{20}\.seg")
_BUSY_WAIT_S = 0.01


class Extent(msgspec.Struct, frozen=True):
    """Where a segment lies. ``end``: of its data, which may be before the end of the file when
    its writer had to leave it. ``header``: None when it is lost."""

    path: Path
    base: int
    end: int
    file_bytes: int
    header: Header | None


def lanes(journal_dir: Path) -> list[str]:
    """Names of the lanes, in the order of their numbers."""
    try:
        entries = list(os.scandir(journal_dir))
    except FileNotFoundError:
        return []
    names = [
        entry.name
        for entry in entries
        if entry.name not in (CURSORS, DAMAGED)
        and not entry.name.startswith(".")
        and entry.is_dir()
    ]
    return sorted(names, key=lambda name: (len(name), name))


def segments(lane_dir: Path) -> list[tuple[int, Path]]:
    """Base and path of each segment of a lane, oldest first."""
    try:
        names = os.listdir(lane_dir)
    except FileNotFoundError:
        return []
    found = sorted(name for name in names if _SEGMENT_NAME.fullmatch(name))
    return [(int(name[:20]), lane_dir / name) for name in found]


def extents(lane_dir: Path, since: int = 0) -> list[Extent]:
    """The segments of a lane that hold data at or behind ``since``, oldest first, and always the
    newest one."""
    found = segments(lane_dir)
    first = 0
    while first + 1 < len(found) and found[first + 1][0] <= since:
        first += 1
    result: list[Extent] = []
    fence: int | None = None
    for base, path in reversed(found[first:]):
        try:
            segment = SegmentFile(path)
        except FileNotFoundError:
            continue
        with segment:
            header = segment.header()
            file_end = segment.end
        end = file_end if fence is None else max(base, min(file_end, fence))
        result.append(Extent(path, base, end, file_end - base + HEADER_BYTES, header))
        fence = header.previous_end if header else None
    result.reverse()
    return result


def position_at(lane_dir: Path, time_us: int) -> int:
    """A position before which nothing was written at or after a time (UTC microseconds): the base
    of the segment that was being written then."""
    position = 0
    for extent in extents(lane_dir):
        if extent.header is None:
            continue
        if extent.header.created_us > time_us:
            break
        position = extent.base
    return position


@contextmanager
def unwritten(lane_dir: Path) -> Iterator[bool]:
    """Keeps writers out of a lane inside the ``with``; gives False when one is in it."""
    try:
        fd = os.open(lane_dir / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield True
        return
    try:
        yield _try_lock(fd, fcntl.LOCK_SH)
    finally:
        os.close(fd)


def lock_lane(lane_dir: Path, patience_s: float = 2.0) -> int:
    """Become the lane's one writer: a file descriptor that holds the lock until it is closed.

    Readers that look whether the lane has a writer hold the lock for moments, therefore the
    patience. LaneBusy when another writer keeps it.
    """
    fd = os.open(lane_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    give_up = time.monotonic() + patience_s
    while not _try_lock(fd, fcntl.LOCK_EX):
        if time.monotonic() > give_up:
            os.close(fd)
            raise LaneBusy(f"another process writes the lane {lane_dir}")
        time.sleep(_BUSY_WAIT_S)
    return fd


def _try_lock(fd: int, how: int) -> bool:
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True
