"""Writes one lane: blocks into segments, durable before ``append`` returns.

Not thread-safe, and not a queue: commit.py is both. Failures and what is done about each are in
FORMAT.md. Tests: tests/journal/test_writer.py, test_writer_failures.py.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from hj212d.journal import blocks, segment
from hj212d.journal.disk import Disk, write_all
from hj212d.journal.errors import JournalError, JournalFull, journal_error
from hj212d.journal.lanes import DURABLE, lock_lane
from hj212d.journal.mark import DurableMark
from hj212d.journal.record import Run, joined
from hj212d.journal.recovery import kept_aside, recover
from hj212d.journal.segment import HEADER_BYTES, UNSYNCED, Header
from hj212d.journal.settings import Sync

BLOCK_BYTES = 4 * 1024 * 1024  # bodies stay below, unless one record alone is larger


class LaneWriter:
    """The one writer of a lane.

    ``directory``: the lane's folder in the journal, made when missing. ``now``: UTC seconds.
    ``first_base``: no position below is given out; for readers whose cursor is not in
    ``cursors/``. Opening raises LaneBusy when the lane has a writer, OSError when the folder
    cannot be used; a lane that was there before opens in spite of damage and of a full disk.
    """

    def __init__(
        self,
        directory: Path,
        *,
        sync: Sync = "group",
        segment_bytes: int = 64 * 1024 * 1024,
        min_free_bytes: int = 64 * 1024 * 1024,
        now: Callable[[], float] = time.time,
        first_base: int = 0,
        disk: Disk | None = None,
        lock_patience_s: float = 2.0,
    ) -> None:
        self.directory = Path(directory)
        self.lane = self.directory.name
        self.sync: Sync = sync
        self.min_free_bytes = min_free_bytes
        self._segment_bytes = segment_bytes
        self._now = now
        self._disk = disk or Disk()
        self._fd: int | None = None
        self._base = 0
        self._mark: DurableMark | None = None
        self._published = 0
        if not self.directory.exists():
            self.directory.mkdir(parents=True)
            for folder in self.directory.parents[:2]:
                self._disk.sync_folder(folder)
        self._lock_fd = lock_lane(self.directory, lock_patience_s)
        try:
            found = recover(self.directory, first_base, self._disk)
        except BaseException:
            os.close(self._lock_fd)
            raise
        self.tail = found.tail
        self.notes = found.notes
        self._data_end = found.data_end
        self._next = found.next_base
        self.cut_tails = len(kept_aside(self.directory.parent, self.lane))
        # On a full disk the mark may have to wait; until it is there, readers wait, too.
        with suppress(OSError):
            self._publish()

    @property
    def end(self) -> int:
        """Where the next block goes."""
        return self._next

    @property
    def durable(self) -> int:
        """What readers were told."""
        return self._published

    def append(self, records: Sequence[bytes]) -> int:
        """`append_run` of these encoded records."""
        return self.append_run(joined(records))

    def append_run(self, run: Run) -> int:
        """Write records; the logical offset behind them, durable when this returns.

        One block and one sync for all (more blocks when they are large), with ``sync = always``
        for each. JournalFull or JournalFailed: its ``durable`` tells how many of the records,
        counted from the first, are in the journal; the others are not and may be given again.
        """
        if self.sync != "always" or run.count < 2:
            self._commit(run)
            return self._next
        start = 0
        for index, end in enumerate(run.ends()):
            try:
                self._commit(Run(run.body[start:end], 1))
            except JournalError as error:
                error.durable = index
                raise
            start = end
        return self._next

    def has_room(self, size: int) -> bool:
        """Whether so many bytes of records go into the open segment, so that to append them opens
        and closes no file."""
        used = HEADER_BYTES + self._next - self._base
        return self._fd is not None and used + size + blocks.HEAD_BYTES <= self._segment_bytes

    def close(self) -> None:
        """Close the files and give the lane free."""
        self._close_segment()
        if self._mark is not None:
            self._mark.close()
            self._mark = None
        if self._lock_fd >= 0:
            os.close(self._lock_fd)
            self._lock_fd = -1

    def __enter__(self) -> LaneWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _commit(self, run: Run) -> None:
        if not run.count:
            return
        time_us = int(self._now() * 1e6)
        room = len(run.body) + blocks.HEAD_BYTES
        self._check_free(room)
        fd = self._segment_with_room(room, time_us)
        data, end = self._blocks(run, time_us)
        try:
            write_all(self._disk, fd, data, HEADER_BYTES + self._next - self._base)
        except OSError as error:
            failure = journal_error("write", error)
            self._undo_write(end, leave=not isinstance(failure, JournalFull))
            raise failure from error
        if self.sync != "none":
            try:
                self._disk.sync(fd)
            except OSError as error:
                # What the kernel holds of this file can no longer be trusted: a second fdatasync
                # may succeed without the data. They are written again, elsewhere.
                self._undo_write(end, leave=True)
                raise journal_error("fdatasync", error) from error
        self._next = self._data_end = end
        try:
            self._publish()
        except OSError as error:
            # Durable, but readers cannot know. The record stands; the mark is tried again with
            # the next commit.
            self.notes = (*self.notes[-9:], f"durable mark: {error}")

    def _blocks(self, run: Run, time_us: int) -> tuple[bytes, int]:
        """The records as blocks, and the logical offset behind them."""
        at = self._next
        parts = []
        for piece in blocks.split(run, BLOCK_BYTES):
            part = blocks.encode(piece.body, piece.count, at, time_us)
            parts.append(part)
            at += len(part)
        return (parts[0] if len(parts) == 1 else b"".join(parts)), at

    def _check_free(self, room: int) -> None:
        try:
            free = self._disk.free_bytes(self._lock_fd)
        except OSError as error:
            raise journal_error("statvfs", error) from error
        if free < self.min_free_bytes + room:
            raise JournalFull(
                f"{free} bytes free on the journal's disk, {self.min_free_bytes} are to stay free"
            )

    def _segment_with_room(self, room: int, time_us: int) -> int:
        """The open segment, a new one when there is none or it would grow too large."""
        if self._fd is not None:
            size = HEADER_BYTES + self._next - self._base
            if size == HEADER_BYTES or size + room <= self._segment_bytes:
                return self._fd
            self._close_segment()
        try:
            self._fd = self._create(time_us)
        except OSError as error:
            raise journal_error("new segment", error) from error
        self._base = self._next
        return self._fd

    def _create(self, time_us: int) -> int:
        """A new segment with its header, found under its name only when that is durable."""
        base = self._next
        flags = UNSYNCED if self.sync == "none" else 0
        header = segment.encode_header(Header(base, self._data_end, time_us, flags))
        path = self.directory / segment.name(base)
        new = path.with_name(path.name + ".new")
        fd = os.open(new, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        try:
            write_all(self._disk, fd, header, 0)
            self._disk.sync(fd)
            os.rename(new, path)
            self._disk.sync_folder(self.directory)
        except OSError:
            os.close(fd)
            with suppress(OSError):
                new.unlink(missing_ok=True)
                path.unlink(missing_ok=True)
            raise
        return fd

    def _undo_write(self, end: int, leave: bool) -> None:
        """Take back what was written beyond the last durable block; when that fails, or on
        ``leave``, the next block starts a new segment behind all that was tried."""
        assert self._fd is not None
        try:
            self._disk.truncate(
                self._fd, HEADER_BYTES + max(self._data_end, self._base) - self._base
            )
        except OSError:
            leave = True
        if not leave:
            return
        empty = self._data_end <= self._base
        path = self.directory / segment.name(self._base)
        os.close(self._fd)
        self._fd = None
        self._next = end
        if empty:
            with suppress(OSError):
                path.unlink()

    def _close_segment(self) -> None:
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        if self.sync == "none":
            with suppress(OSError):
                self._disk.sync(fd)
        os.close(fd)

    def _publish(self) -> None:
        if self._mark is None:
            self._mark = DurableMark(self.directory / DURABLE, self._disk)
        self._mark.publish(self._next)
        self._published = self._next
