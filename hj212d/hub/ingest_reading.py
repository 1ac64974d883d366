"""The way of ingest through the journal: which blocks of which lanes make the next batch.

Stands in all lanes at once and only goes forward; whoever wants to read again makes a new one.
Tests: tests/hub/test_ingest_reading.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from hj212d.hub.assemble import Entry
from hj212d.journal.blocks import Damage
from hj212d.journal.lanes import lanes
from hj212d.journal.reader import READ_BYTES, LaneReader

_LEAST_SHARE_BYTES = 16 * 1024


class Taken(msgspec.Struct):
    """What makes one batch of so many records.

    ``since`` and ``cursors``: where it begins and ends, of the lanes that moved. ``more``: there
    may be more to read already. ``damage``: lane and place of what was skipped, the latest ones;
    ``mended``, ``damaged`` and ``damaged_bytes`` count. ``error``: which lane could not be read.
    """

    entries: list[Entry]
    since: dict[str, int] = {}
    cursors: dict[str, int] = {}
    more: bool = False
    damage: list[tuple[str, Damage]] = []
    mended: int = 0
    damaged: int = 0
    damaged_bytes: int = 0
    error: str = ""
    records: int = 0


class Reading:
    """Reads all lanes of a journal. ``positions``: where each begins, 0 for one not named."""

    def __init__(self, journal_dir: Path, positions: Mapping[str, int]) -> None:
        self._journal_dir = journal_dir
        self._positions = dict(positions)
        self._readers: dict[str, LaneReader] = {}

    def take(self, batch_bytes: int) -> Taken:
        """The next batch.

        The lanes share ``batch_bytes``; what one does not need is another's. Each gets a little
        in every batch, however much another has.
        """
        taken = Taken([])
        left = batch_bytes
        thirsty = lanes(self._journal_dir)
        while thirsty and left > 0:
            share = max(_LEAST_SHARE_BYTES, left // len(thirsty))
            flowing: list[str] = []
            for lane in thirsty:
                reader = self._reader(lane)
                start = reader.position
                try:
                    found = reader.pieces(share)
                except OSError as problem:
                    # The other lanes go on; this one is tried again from where it stood.
                    taken.error = f"lane {lane} of the journal cannot be read: {problem}"
                    self._begin_again(lane, start)
                    continue
                taken.entries += [(lane, piece) for piece in found]
                left -= reader.position - start
                if found:
                    flowing.append(lane)
            thirsty = flowing
        taken.more = left <= 0
        self._finish(taken, {lane: reader.position for lane, reader in self._readers.items()})
        return taken

    def take_up_to(self, cursors: Mapping[str, int]) -> Taken | None:
        """A batch that ends exactly there; None while the journal does not reach so far.

        What the journal no longer has (retention, damage) counts as damage. OSError when a lane
        cannot be read.
        """
        taken = Taken([])
        for lane, stop in cursors.items():
            reader = self._reader(lane)
            while reader.position < stop and (found := reader.pieces(READ_BYTES, stop)):
                taken.entries += [(lane, piece) for piece in found]
            if reader.position < stop and not reader.ends_before(stop):
                return None
        for lane, stop in cursors.items():
            reader = self._readers[lane]
            if reader.position < stop:
                missing = Damage(reader.position, stop - reader.position, "no longer there")
                self._collect(lane, taken)
                taken.damage.append((lane, missing))
                taken.damaged += 1
                taken.damaged_bytes += missing.bytes
                self._begin_again(lane, stop)
        self._finish(taken, cursors)
        return taken

    def close(self) -> None:
        """Close the files."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    def _reader(self, lane: str) -> LaneReader:
        reader = self._readers.get(lane)
        if reader is None:
            reader = self._begin_again(lane, self._positions.get(lane, 0))
        return reader

    def _begin_again(self, lane: str, position: int) -> LaneReader:
        known = self._readers.get(lane)
        if known is not None:
            known.close()
        reader = self._readers[lane] = LaneReader(self._journal_dir / lane, position)
        return reader

    def _finish(self, taken: Taken, ends: Mapping[str, int]) -> None:
        taken.records = sum(piece.count for _, piece in taken.entries)
        for lane, end in ends.items():
            start = self._positions.get(lane, 0)
            if end != start:
                taken.since[lane] = start
                taken.cursors[lane] = end
                self._positions[lane] = end
            self._collect(lane, taken)

    def _collect(self, lane: str, taken: Taken) -> None:
        """What the reader of a lane met since it was last asked."""
        reader = self._readers[lane]
        taken.damage += [(lane, place) for place in reader.damage]
        taken.mended += reader.mended
        taken.damaged += reader.damaged
        taken.damaged_bytes += reader.damaged_bytes
        reader.damage.clear()
        reader.mended = reader.damaged = reader.damaged_bytes = 0
