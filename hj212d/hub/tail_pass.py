"""One pass of the live view: what is new at the end of the journal, and who gets it.

Bounded: a lane that runs away is skipped to its end, about ``LOOKED_AT_PER_PASS`` records are
looked at and ``DECODED_PER_PASS`` frames decoded; what is left out is told. A block in which an
asked for MN or CN does not occur costs a search of its bytes. Blocks on files only.
Tests: tests/hub/test_tail_pass.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hj212d.hub import tail
from hj212d.hub.requests import Tail
from hj212d.hub.reread import Rereader
from hj212d.hub.tail import Missed
from hj212d.journal.lanes import DURABLE, lanes
from hj212d.journal.mark import read_mark
from hj212d.journal.reader import LaneReader, Piece

PASS_BYTES = 1024 * 1024  # of one lane
BEHIND_BYTES = 4 * 1024 * 1024
LOOKED_AT_PER_PASS = 2000
DECODED_PER_PASS = 300

Delivery = tuple[list[bytes], Missed]


class JournalEnd:
    """A reader for each lane, begun at the durable end of the moment this is made."""

    def __init__(self, journal_dir: Path) -> None:
        self._journal_dir = journal_dir
        self._readers = {
            lane: LaneReader(journal_dir / lane, self._durable(lane))
            for lane in lanes(journal_dir)
        }

    def read(self) -> tuple[list[tuple[str, Piece]], int]:
        """New blocks of all lanes, and how many bytes were skipped because we were too slow."""
        found: list[tuple[str, Piece]] = []
        skipped = 0
        for lane in lanes(self._journal_dir):
            durable = self._durable(lane)
            reader = self._readers.get(lane)
            if reader is None:  # appeared since: read from where it begins
                reader = LaneReader(self._journal_dir / lane)
            elif durable - reader.position > BEHIND_BYTES:
                skipped += durable - reader.position
                reader.close()
                reader = LaneReader(self._journal_dir / lane, durable)
            self._readers[lane] = reader
            if reader.position < durable:
                found += [(lane, piece) for piece in reader.pieces(PASS_BYTES)]
        return found, skipped

    def close(self) -> None:
        """Close the files."""
        for reader in self._readers.values():
            reader.close()

    def _durable(self, lane: str) -> int:
        return read_mark(self._journal_dir / lane / DURABLE) or 0


def deliveries(requests: Sequence[Tail], end: JournalEnd, rereader: Rereader) -> list[Delivery]:
    """For each request its lines of this pass and what it misses."""
    pieces, skipped = end.read()
    found: list[Delivery] = [([], Missed(0, skipped)) for _ in requests]
    looked_at = decoded = 0
    for lane, piece in pieces:
        asking = [at for at, request in enumerate(requests) if tail.may_hold(request, piece.body)]
        if not asking:
            continue
        if looked_at >= LOOKED_AT_PER_PASS:
            for at in asking:
                found[at][1].skipped_bytes += len(piece.body)
            continue
        looked_at += piece.count
        for position, record in piece.records():
            wanting = [at for at in asking if tail.may_match(requests[at], record)]
            if not wanting:
                continue
            if decoded >= DECODED_PER_PASS:
                for at in wanting:
                    found[at][1].dropped += 1
                continue
            decoded += 1
            frame = rereader.as_recorded(record)
            wanting = [at for at in wanting if tail.matches(requests[at], frame)]
            if wanting:
                text = tail.event(lane, position, record, frame)
                for at in wanting:
                    found[at][0].append(text)
    return found
