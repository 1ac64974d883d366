"""Reads one lane from a position on: whole blocks, once, never beyond what is durable.

Changes nothing on disk; where the reader stands is its owner's to keep (cursors.py, or the store).
What is read of a lane whose writer is gone is explained in FORMAT.md.
Tests: tests/journal/test_reader.py, test_reader_damage.py.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from contextlib import suppress
from pathlib import Path

from hj212d.journal.blocks import HEAD_BYTES, Block, Damage, Head, read_head, skim, walk
from hj212d.journal.lanes import DURABLE, extents, segments, unwritten
from hj212d.journal.mark import read_mark
from hj212d.journal.record import Record
from hj212d.journal.segment import SegmentFile, SegmentWindow

READ_BYTES = 1024 * 1024
_DAMAGE_KEPT = 256


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
        records = self._read_to(self._mark(), max_bytes)
        if not records:
            end = self._end_without_writer()
            if end is not None:
                records = self._read_to(end, max_bytes, torn_tail=True)
        return records

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
        self, limit: int, max_bytes: int, *, torn_tail: bool = False
    ) -> list[tuple[int, Record]]:
        """Records before ``limit``. Damage that reaches it is not judged when the file goes on
        behind it, nor with ``torn_tail``, when the next writer will cut and count it."""
        records: list[tuple[int, Record]] = []
        stop = self.position + max_bytes
        while self.position < limit and (not records or self.position < stop):
            window = self._window(limit)
            if window is None:
                break
            for found in walk(window, self.position):
                if isinstance(found, Block):
                    self._take(found, records)
                elif found.end >= limit and (torn_tail or self._goes_on_behind(limit)):
                    if torn_tail:
                        self._end_unwritten = found.position
                    return records
                else:
                    self._skip(found)
                if records and self.position >= stop:
                    break
        return records

    def _goes_on_behind(self, limit: int) -> bool:
        return self._segment is not None and self._segment.end > limit

    def _take(self, block: Block, records: list[tuple[int, Record]]) -> None:
        try:
            found = block.records()
        except ValueError as error:
            self._skip(Damage(block.offset, block.end - block.offset, str(error)))
            return
        if block.offset < self._wanted_from:
            found = [(at, record) for at, record in found if at >= self._wanted_from]
        records += found
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
