"""What a writer does with a lane before it writes: cut the damaged tail, keep the bytes that were
cut, and find an offset that nobody has seen. Damage never keeps a lane from opening.

Tests: tests/journal/test_recovery.py.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from hj212d.journal import cursors
from hj212d.journal.blocks import Block, Damage, walk
from hj212d.journal.disk import Disk, own_like
from hj212d.journal.lanes import DAMAGED, DURABLE, segments
from hj212d.journal.mark import read_mark
from hj212d.journal.segment import HEADER_BYTES, UNSYNCED, SegmentFile

# Without fdatasync a power cut may take bytes that a reader has already carried away. Beyond this
# distance no reader can have been: the kernel does not keep so much unwritten.
LEAP_BYTES = 1 << 36


class Recovery(msgspec.Struct, frozen=True):
    """Where a lane goes on. ``data_end``: behind the last whole block of the lane; ``next_base``:
    for the next segment; ``tail``: what stood behind the last whole block of the last segment;
    ``notes``: what the disk refused."""

    data_end: int
    next_base: int
    tail: Damage | None = None
    notes: tuple[str, ...] = ()


def recover(lane_dir: Path, first_base: int, disk: Disk) -> Recovery:
    """Bring a lane, whose lock we hold, into order and say where to go on."""
    journal_dir = lane_dir.parent
    for stray in lane_dir.glob("*.new"):
        stray.unlink(missing_ok=True)
    seen = [first_base, read_mark(lane_dir / DURABLE) or 0]
    seen += [lanes.get(lane_dir.name, 0) for lanes in cursors.positions(journal_dir).values()]
    found = segments(lane_dir)
    if not found:
        base = max(seen)
        return Recovery(data_end=base, next_base=base)

    notes = []
    path = found[-1][1]
    with SegmentFile(path) as segment:
        header = segment.header()
        file_end = segment.end
        whole_end = _whole_end(segment)
        tail = None
        if whole_end < file_end:
            tail = Damage(whole_end, file_end - whole_end, "torn tail")
            try:
                keep_aside(journal_dir, path, whole_end, disk)
                truncate(path, whole_end, disk)
            except OSError as error:
                # It stays where it is and is void: the next segment's header says so.
                notes.append(f"the torn tail of {path} could not be cut: {error}")
        try:
            segment.sync()
        except OSError as error:
            notes.append(f"{path} could not be synced: {error}")

    data_end = whole_end
    if whole_end == segment.base:
        # Nothing in it: what counts ends before it.
        data_end = header.previous_end if header else 0
    next_base = max(*seen, file_end)
    if header is None or header.flags & UNSYNCED:
        next_base += LEAP_BYTES
    # The last segment may be empty, and no two may have the same name.
    next_base = max(next_base, segment.base + 1)
    return Recovery(data_end, next_base, tail, tuple(notes))


def keep_aside(journal_dir: Path, path: Path, position: int, disk: Disk) -> Path:
    """Copy the bytes of a segment from ``position`` on into ``damaged/``, durable on return."""
    folder = journal_dir / DAMAGED
    folder.mkdir(exist_ok=True)
    own_like(folder, path)
    copy = folder / f"{path.parent.name}-{position:020d}.tail"
    base = int(path.stem)
    try:
        with open(path, "rb") as source, open(copy, "wb") as target:
            source.seek(HEADER_BYTES + position - base)
            shutil.copyfileobj(source, target)
            target.flush()
            disk.sync(target.fileno())
        own_like(copy, path)
        disk.sync_folder(folder)
    except OSError:
        copy.unlink(missing_ok=True)
        raise
    return copy


def kept_aside(journal_dir: Path, lane: str) -> list[Path]:
    """The tails of a lane that were cut so far."""
    return sorted((journal_dir / DAMAGED).glob(f"{lane}-*.tail"))


def truncate(path: Path, position: int, disk: Disk) -> None:
    """Cut a segment file at a logical offset, durable on return."""
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        disk.truncate(fd, HEADER_BYTES + position - int(path.stem))
        disk.sync(fd)
    finally:
        os.close(fd)


def _whole_end(segment: SegmentFile) -> int:
    """Behind the last whole block. Damage before it is the readers' to skip and to count."""
    window = segment.window(segment.end)
    end = segment.base
    for found in walk(window, segment.base):
        if isinstance(found, Block):
            end = found.end
    return end
