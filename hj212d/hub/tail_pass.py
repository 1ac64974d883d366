"""One pass of the live view: what is new at the end of the journal, and who gets it.

Bounded: a lane that runs away is skipped to its end, and at most ``DECODED_PER_PASS`` frames are
decoded. Blocks on files only. Tests: tests/hub/test_tail_pass.py.
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
from hj212d.journal.reader import LaneReader
from hj212d.journal.record import Record

PASS_BYTES = 1024 * 1024  # of one lane
BEHIND_BYTES = 4 * 1024 * 1024
DECODED_PER_PASS = 500

Delivery = tuple[list[bytes], Missed]


class JournalEnd:
    """A reader for each lane, begun at the durable end of the moment this is made."""

    def __init__(self, journal_dir: Path) -> None:
        self._journal_dir = journal_dir
        self._readers = {
            lane: LaneReader(journal_dir / lane, self._durable(lane))
            for lane in lanes(journal_dir)
        }

    def read(self) -> tuple[list[tuple[str, int, Record]], int]:
        """New records of all lanes, and how many bytes were skipped because we were too slow."""
        found: list[tuple[str, int, Record]] = []
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
                found += [(lane, *entry) for entry in reader.read(PASS_BYTES)]
        return found, skipped

    def close(self) -> None:
        """Close the files."""
        for reader in self._readers.values():
            reader.close()

    def _durable(self, lane: str) -> int:
        return read_mark(self._journal_dir / lane / DURABLE) or 0


def deliveries(requests: Sequence[Tail], end: JournalEnd, rereader: Rereader) -> list[Delivery]:
    """For each request its lines of this pass and what it misses."""
    records, skipped = end.read()
    found: list[Delivery] = [([], Missed(0, skipped)) for _ in requests]
    decoded = 0
    for lane, position, record in records:
        asking = [at for at, request in enumerate(requests) if tail.may_match(request, record)]
        if not asking:
            continue
        if decoded >= DECODED_PER_PASS:
            for at in asking:
                found[at][1].dropped += 1
            continue
        decoded += 1
        frame = rereader.as_recorded(record)
        wanting = [at for at in asking if tail.matches(requests[at], frame)]
        if wanting:
            text = tail.event(lane, position, record, frame)
            for at in wanting:
                found[at][0].append(text)
    return found
