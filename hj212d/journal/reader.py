"""Reads one lane from a position on: whole blocks, once, never beyond what is durable.

Changes nothing on disk; where the reader stands is its owner's to keep (cursors.py, or the store).
What is read of a lane whose writer is gone is explained in FORMAT.md.
Tests: tests/journal/test_reader.py, test_reader_damage.py.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from hj212d.journal.blocks import HEAD_BYTES, Block, Damage, Head, read_head, skim, walk
from hj212d.journal.lanes import DURABLE, extents, segments, unwritten
from hj212d.journal.mark import read_mark
from hj212d.journal.record import HEAD_BYTES as RECORD_HEAD_BYTES
from hj212d.journal.record import Record, count, decode_all, offsets, time_of
from hj212d.journal.segment import SegmentFile, SegmentWindow

READ_BYTES = 1024 * 1024
_DAMAGE_KEPT = 256


class Piece(msgspec.Struct, frozen=True, gc=False):
    """Whole records of one block as they stand there. ``position``: of the first one."""

    position: int
    count: int
    body: bytes

    def records(self) -> Iterator[tuple[int, Record]]:
        """Each record with its position."""
        return ((self.position + at, record) for at, record in decode_all(self.body))


class LaneReader:
    """An independent reader of a lane.

    ``directory``: the lane's folder, which may not exist yet. ``position``: records at or behind
    it are delivered; the ``position`` of a reader, or that of a record.

    ``damage``: the latest places that were skipped; ``damaged``, ``damaged_bytes`` and ``mended``
    (blocks) count since this reader was made.
    """

    def __init__(self, directory: Path, position: int = 0) -> None:
        self.directory = Path(directory)
        self.position = position
        self.damage: deque[Damage] = deque(maxlen=_DAMAGE_KEPT)
        self.damaged = 0
        self.damaged_bytes = 0
        self.mended = 0
        self._wanted_from = position
        self._aligned = False
        self._segment: SegmentFile | None = None
        self._fence: tuple[int, int | None] = (-1, None)
        self._synced_end = 0
        self._end_unwritten = 0

    def read(self, max_bytes: int = READ_BYTES) -> list[tuple[int, Record]]:
        """The next records with their positions, in order; empty when there are none yet.

        Whole blocks, as many as start within ``max_bytes``: afterwards ``position`` is behind the
        last record given.
        """
        return [found for piece in self.pieces(max_bytes) for found in piece.records()]

    def pieces(self, max_bytes: int = READ_BYTES, stop: int | None = None) -> list[Piece]:
        """The same, a piece for each block, and none of a block that ends behind ``stop``."""
        pieces = self._read_to(self._mark(), stop, max_bytes)
        if not pieces:
            end = self._end_without_writer()
            if end is not None:
                pieces = self._read_to(end, stop, max_bytes, torn_tail=True)
        return pieces

    def ends_before(self, position: int) -> bool:
        """Whether no more will come before ``position``, asked when ``pieces`` gives nothing up
        to there: what a writer has yet to publish may still come."""
        if self._mark() >= position:
            return True
        with unwritten(self.directory) as free:
            return free

    def next_time_us(self) -> int | None:
        """Receive time of the next record; None when there is none yet. Nothing is read on, and
        one damaged head counts as none."""
        limit = max(self._mark(), self._end_unwritten)
        window = self._window(limit) if self.position < limit else None
        if (
            window is None
            or read_head(window.read(self.position, HEAD_BYTES), self.position) is None
        ):
            return None
        head = window.read(self.position + HEAD_BYTES, RECORD_HEAD_BYTES)
        return time_of(head) if len(head) == RECORD_HEAD_BYTES else None

    @property
    def lag_bytes(self) -> int:
        """Bytes that can be read and were not yet."""
        limit = max(self._mark(), self._end_unwritten)
        return sum(
            max(0, min(extent.end, limit) - max(extent.base, self.position))
            for extent in extents(self.directory, self.position)
        )

    def close(self) -> None:
        """Close the segment file; ``read`` would open it again."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    def __enter__(self) -> LaneReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _mark(self) -> int:
        return read_mark(self.directory / DURABLE) or 0

    def _end_without_writer(self) -> int | None:
        """Where the lane ends when it has no writer, all of it durable; None when it has one.

        The mark may lag behind what was acknowledged (power cut) and behind what is merely whole
        (kill -9 before the sync), therefore the last segment is synced before it is read.
        """
        with unwritten(self.directory) as free:
            found = segments(self.directory) if free else []
            if not found:
                return None
            with SegmentFile(found[-1][1]) as last:
                end = last.end
                if end > self._synced_end:
                    with suppress(OSError):  # what can be read is still worth carrying away
                        last.sync()
                    self._synced_end = self._end_unwritten = end
        return end

    def _read_to(
        self, end: int, stop: int | None, max_bytes: int, *, torn_tail: bool = False
    ) -> list[Piece]:
        """Blocks before ``end`` and ``stop``. Damage that reaches there is not judged when the
        file goes on behind it, nor with ``torn_tail``, when the next writer will cut and count
        it."""
        limit = end if stop is None else min(end, stop)
        pieces: list[Piece] = []
        enough = self.position + max_bytes
        while self.position < limit and (not pieces or self.position < enough):
            window = self._window(limit)
            if window is None:
                break
            for found in walk(window, self.position):
                if isinstance(found, Block):
                    self._take(found, pieces)
                elif found.end >= limit and (torn_tail or self._goes_on_behind(limit)):
                    if torn_tail:
                        self._end_unwritten = found.position
                    return pieces
                else:
                    self._skip(found)
                if pieces and self.position >= enough:
                    break
        return pieces

    def _goes_on_behind(self, limit: int) -> bool:
        return self._segment is not None and self._segment.end > limit

    def _take(self, block: Block, pieces: list[Piece]) -> None:
        try:
            found = count(block.body)
            if found != block.count:
                raise ValueError(f"{found} records where the head says {block.count}")
        except ValueError as error:
            self._skip(Damage(block.offset, block.end - block.offset, str(error)))
            return
        start = block.offset + HEAD_BYTES
        body = block.body
        if block.offset < self._wanted_from:
            wanted = [at for at in offsets(body) if start + at >= self._wanted_from]
            first = wanted[0] if wanted else len(body)
            start, body, found = start + first, body[first:], len(wanted)
        if body:
            pieces.append(Piece(start, found, body))
        self.mended += block.mended
        self.position = block.end

    def _skip(self, damage: Damage) -> None:
        self.damage.append(damage)
        self.damaged += 1
        self.damaged_bytes += damage.bytes
        self.position = damage.end

    def _window(self, limit: int) -> SegmentWindow | None:
        """The bytes from ``position`` to ``limit`` or the end of their segment; ``position`` moves
        over a gap. None when there are none."""
        found = segments(self.directory)
        first = bisect_right(found, self.position, key=lambda item: item[0]) - 1
        for index in range(max(first, 0), len(found)):
            base, path = found[index]
            if base >= limit:
                break
            segment = self._open(path)
            if segment is None:
                continue
            end = min(limit, segment.end)
            if index + 1 < len(found):
                end = min(end, self._previous_end(*found[index + 1], otherwise=end))
            if max(base, self.position) >= end:
                continue
            if base > self.position:
                self._cross_gap(segment)
            window = segment.window(end)
            self._align(window, base)
            return window
        return None

    def _cross_gap(self, segment: SegmentFile) -> None:
        """On to the next segment. Its header tells whether something is missing before it; what
        was removed before a reader first came is not."""
        header = segment.header()
        if header and self.position and header.previous_end > self.position:
            missing = header.previous_end - self.position
            self._skip(Damage(self.position, missing, f"{missing} bytes are missing"))
        self.position = segment.base

    def _open(self, path: Path) -> SegmentFile | None:
        """The segment, kept open; None when retention has just removed it."""
        if self._segment is not None and self._segment.path == path:
            return self._segment
        self.close()
        try:
            self._segment = SegmentFile(path)
        except FileNotFoundError:
            return None
        return self._segment

    def _previous_end(self, base: int, path: Path, otherwise: int) -> int:
        """Where the data before a segment end, as its header says."""
        if self._fence[0] != base:
            try:
                with SegmentFile(path) as segment:
                    header = segment.header()
            except FileNotFoundError:
                return otherwise
            self._fence = (base, header.previous_end if header else None)
        fence = self._fence[1]
        return otherwise if fence is None else fence

    def _align(self, window: SegmentWindow, base: int) -> None:
        """A position inside a block, as a record has it, is moved to the start of the block."""
        if self._aligned:
            return
        self._aligned = True
        at = self.position
        if at == base or read_head(window.read(at, HEAD_BYTES), at):
            return
        for found in skim(window, base):
            if at < found.end:
                if isinstance(found, Head):
                    self.position = found.offset
                return
