"""The way of alerting through the journal: what is new, as columns, and up to when all was seen.

It has positions of its own, so that it goes on while the store does not. A record that our own
code fails on is bytes with a warning here, as in the ingest. Blocks on files only.
Tests: tests/hub/alerts/test_alert_reading.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pyarrow as pa

from hj212d.hub.assemble import Assembler, Entry
from hj212d.hub.commands.ear_pass import durable_ends
from hj212d.hub.reread import Rereader
from hj212d.journal.lanes import extents, lanes, position_at
from hj212d.journal.reader import LaneReader, Piece
from hj212d.journal.record import HEAD_BYTES, time_of
from hj212d.wire.frame import Device

log = logging.getLogger(__name__)

_LEAST_SHARE_BYTES = 64 * 1024


class Heard(msgspec.Struct, frozen=True):
    """What one pass found, in columns of store/timeseries.py. ``as_of_us``: all that was received
    before is read; ``more``: there is more to read already."""

    frames: pa.Table
    samples: pa.Table
    links: pa.Table
    records: int
    as_of_us: int
    more: bool


class JournalReading:
    """Reads all lanes on from ``positions``, a lane that ends before its own from its beginning:
    it is another journal's. ``device``: mn -> what the wire must know of it."""

    def __init__(
        self,
        journal_dir: Path,
        positions: Mapping[str, int],
        device: Callable[[str], Device],
        *,
        clock_tolerance_s: float = 600.0,
        late_after_s: float = 600.0,
    ) -> None:
        self.clock_tolerance_s = clock_tolerance_s
        self.late_after_s = late_after_s
        self.skipped_bytes = 0
        self._journal_dir = journal_dir
        self._assembler = Assembler(Rereader(device).as_recorded)
        self._readers = {
            lane: LaneReader(journal_dir / lane, _within(journal_dir / lane, position))
            for lane, position in positions.items()
        }
        self._not_before_us = 0

    @property
    def positions(self) -> dict[str, int]:
        """Lane -> behind the last record that was read."""
        return {lane: reader.position for lane, reader in self._readers.items()}

    @property
    def errors(self) -> int:
        """Records that our own code failed on."""
        return self._assembler.errors

    @property
    def lost_bytes(self) -> int:
        """What was removed before it was read, or damaged."""
        return sum(reader.damaged_bytes for reader in self._readers.values())

    def behind_s(self, now_us: int) -> float:
        """Age of the oldest durable record that is not read; 0 when there is none."""
        oldest = self._oldest_us()
        return 0.0 if oldest is None else max(0.0, (now_us - oldest) / 1e6)

    def skip(self, until_us: int) -> int:
        """Leave out what was received before ``until_us``; about how many bytes that are."""
        skipped = 0
        for lane, durable in durable_ends(self._journal_dir).items():
            reader = self._reader(lane)
            at = min(position_at(self._journal_dir / lane, until_us), durable)
            if at > reader.position:
                skipped += at - reader.position
                reader.close()
                self._readers[lane] = LaneReader(self._journal_dir / lane, at)
        self._not_before_us = max(self._not_before_us, until_us)
        self.skipped_bytes += skipped
        return skipped

    def take(self, most_bytes: int, now_us: int) -> Heard:
        """The next pass: whole blocks of all lanes up to the durable ends, about ``most_bytes`` of
        them; the lanes share these. OSError when a lane cannot be read."""
        ends = durable_ends(self._journal_dir)
        entries: list[Entry] = []
        left = most_bytes
        thirsty = list(ends)
        while thirsty and left > 0:
            share = max(_LEAST_SHARE_BYTES, left // len(thirsty))
            flowing: list[str] = []
            for lane in thirsty:
                reader = self._reader(lane)
                if reader.position >= ends[lane]:
                    continue
                begun = reader.position
                pieces = reader.pieces(share, stop=ends[lane])
                left -= reader.position - begun
                entries += [(lane, piece) for piece in pieces if self._is_wanted(piece)]
                if reader.position > begun and reader.position < ends[lane]:
                    flowing.append(lane)
            thirsty = flowing
        oldest = self._oldest_us() if left <= 0 else None
        batch = self._assembler.batch(
            entries,
            {},
            clock_tolerance_s=self.clock_tolerance_s,
            late_after_s=self.late_after_s,
        )
        return Heard(
            batch.frames,
            batch.samples,
            batch.links,
            sum(piece.count for _, piece in entries),
            now_us if oldest is None else min(oldest, now_us),
            left <= 0,
        )

    def set_back(self) -> None:
        """The clock was set back: moments of before say nothing about what is to be left out."""
        self._not_before_us = 0

    def close(self) -> None:
        """Close the files."""
        for reader in self._readers.values():
            reader.close()

    def _reader(self, lane: str) -> LaneReader:
        reader = self._readers.get(lane)
        if reader is None:
            reader = self._readers[lane] = LaneReader(self._journal_dir / lane)
        return reader

    def _is_wanted(self, piece: Piece) -> bool:
        """Blocks of a segment that began before what was skipped to are read and dropped."""
        return not self._not_before_us or time_of(piece.body[:HEAD_BYTES]) >= self._not_before_us

    def _oldest_us(self) -> int | None:
        times = [self._reader(lane).next_time_us() for lane in lanes(self._journal_dir)]
        return min((time_us for time_us in times if time_us is not None), default=None)


def _within(lane_dir: Path, position: int) -> int:
    end = max((extent.end for extent in extents(lane_dir)), default=0)
    if position <= end:
        return position
    log.warning(
        "event=alerts_journal_is_another lane=%s position=%d end=%d", lane_dir.name, position, end
    )
    return 0
