"""Read records of the journal again and put them in the place of what the store has of them.

For the day when a tolerance was switched on, a key arrived or an MN was registered: quarantined
frames become readings. Only what ingest has brought into the store already is read again, so the
two never meet over a record; commits of both are serialised by the store. Safe to repeat.
Blocks; runs in a thread of its own. Tests: tests/hub/test_replay.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from hj212d.hub.assemble import Assembler, Entry
from hj212d.hub.reread import Rereader
from hj212d.journal.lanes import extents, lanes, position_at
from hj212d.journal.reader import LaneReader, Piece
from hj212d.journal.record import Kind, Record
from hj212d.wire.decode import mn_of
from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason
from store.timeseries import TimeSeriesStore

_READ_BYTES = 1024 * 1024
# The clock that stamps segments and records may be set back meanwhile.
_CLOCK_MARGIN_US = 3_600_000_000


class Selection(msgspec.Struct, frozen=True):
    """Which records: times of receipt in UTC microseconds, start included, end not; the reason
    is the verdict in the journal. None: any."""

    start_us: int | None = None
    end_us: int | None = None
    mn: str | None = None
    reason: Reason | None = None

    def takes(self, record: Record) -> bool:
        """Whether a record is meant."""
        return (
            record.kind == Kind.FRAME
            and (self.start_us is None or record.time_us >= self.start_us)
            and (self.end_us is None or record.time_us < self.end_us)
            and (self.reason is None or record.verdict == self.reason)
            and (self.mn is None or mn_of(record.raw) == self.mn)
        )

    def spans(self, journal_dir: Path, ends: Mapping[str, int]) -> Iterator[tuple[str, int, int]]:
        """Lane, start and stop of what can hold such records, before ``ends``."""
        for lane in lanes(journal_dir):
            directory = journal_dir / lane
            segments = extents(directory)
            start = segments[0].base if segments else 0
            if self.start_us is not None:
                start = max(start, position_at(directory, self.start_us - _CLOCK_MARGIN_US))
            stop = ends.get(lane, 0)
            if self.end_us is not None:
                late_us = self.end_us + _CLOCK_MARGIN_US
                later = [
                    one.base for one in segments if one.header and one.header.created_us > late_us
                ]
                stop = min([stop, *later])
            if start < stop:
                yield lane, start, stop


class Progress(msgspec.Struct):
    """How far a replay has come. ``read``: records parsed again; ``good``: those that are good
    frames now; ``errors``: those that our own code failed on."""

    bytes_done: int = 0
    bytes_total: int = 0
    read: int = 0
    good: int = 0
    errors: int = 0


class Replay:
    """One replay into a store.

    ``device``: mn -> tolerances and keys of today. ``admit``: verdict of today on the sender of a
    frame that can be read: ``OK``, ``MN_UNKNOWN`` or ``PW_WRONG``. ``report`` gets the progress
    after each batch; what it raises ends the replay between two batches.
    """

    def __init__(
        self,
        journal_dir: Path,
        store: TimeSeriesStore,
        *,
        device: Callable[[str], Device],
        admit: Callable[[Frame], Reason],
        clock_tolerance_s: float = 600.0,
        late_after_s: float = 600.0,
        batch_bytes: int = 8 * 1024 * 1024,
        report: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self.progress = Progress()
        self._journal_dir = journal_dir
        self._store = store
        self._admit = admit
        self._clock_tolerance_s = clock_tolerance_s
        self._late_after_s = late_after_s
        self._batch_bytes = batch_bytes
        self._report = report
        self._rereader = Rereader(device)
        self._assembler = Assembler(self._today)

    def run(self, selection: Selection) -> Progress:
        """Read the selected records again; StoreUnavailable and OSError end it where it is, and
        it may be started anew."""
        spans = list(selection.spans(self._journal_dir, self._store.cursors()))
        self.progress = Progress(bytes_total=sum(stop - start for _, start, stop in spans))
        for lane, start, stop in spans:
            self._run_lane(lane, start, stop, selection)
        return self.progress

    def _run_lane(self, lane: str, start: int, stop: int, selection: Selection) -> None:
        waiting: list[Entry] = []
        waiting_bytes = 0
        done = self.progress.bytes_done
        with LaneReader(self._journal_dir / lane, start) as reader:
            while reader.position < stop:
                found = reader.pieces(min(_READ_BYTES, stop - reader.position))
                for piece in found:
                    for chosen in _selected(piece, stop, selection):
                        waiting.append((lane, chosen))
                        waiting_bytes += len(chosen.body)
                if not found or reader.position >= stop or waiting_bytes >= self._batch_bytes:
                    self._commit(waiting)
                    waiting, waiting_bytes = [], 0
                self.progress.bytes_done = done + min(reader.position, stop) - start
                self._report(self.progress)
                if not found:
                    break
        self.progress.bytes_done = done + stop - start

    def _commit(self, entries: list[Entry]) -> None:
        if not entries:
            return
        batch = self._assembler.batch(
            entries,
            {},
            clock_tolerance_s=self._clock_tolerance_s,
            late_after_s=self._late_after_s,
            replay=True,
        )
        self._store.commit(batch)
        self.progress.read += sum(piece.count for _, piece in entries)
        self.progress.good += batch.frames["reason"].to_pylist().count(Reason.OK.label)
        self.progress.errors = self._assembler.errors

    def _today(self, record: Record) -> Frame:
        """The frame with the verdict of today.

        What was accepted stays so: the tolerances of a listening address are not known here, and
        the frame was acknowledged.
        """
        then = self._rereader.as_recorded(record)
        if then.ok:
            return then
        now = self._rereader.read(record.raw, lambda device: device.tolerances)
        if now.ok:
            now.reason = self._admit(now)
            return now
        # A piece of a stream alone does not tell what was wrong with the stream.
        return then if then.reason < Reason.LENGTH_WRONG else now


def _selected(piece: Piece, stop: int, selection: Selection) -> Iterator[Piece]:
    """The runs of selected records in a piece that begin before ``stop``."""
    begin = count = 0
    end = piece.position + len(piece.body)
    for position, record in piece.records():
        if position < stop and selection.takes(record):
            begin = begin if count else position
            count += 1
        elif count:
            yield _part(piece, begin, position, count)
            count = 0
    if count:
        yield _part(piece, begin, end, count)


def _part(piece: Piece, begin: int, end: int, count: int) -> Piece:
    body = piece.body[begin - piece.position : end - piece.position]
    return Piece(begin, count, body)
