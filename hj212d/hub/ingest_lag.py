"""How far the store is behind the journal, in bytes and in time.

Cheap: sizes of files and the head of one record a lane. Asked from other threads than the one that
ingests. Tests: tests/hub/test_ingest.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hj212d.journal.lanes import lanes
from hj212d.journal.reader import LaneReader


def lag_bytes(journal_dir: Path, committed: Mapping[str, int]) -> int:
    """Durable bytes of the journal behind these positions."""
    lag = 0
    for lane in lanes(journal_dir):
        with _reader(journal_dir, lane, committed) as reader:
            lag += reader.lag_bytes
    return lag


def oldest_us(journal_dir: Path, committed: Mapping[str, int]) -> int | None:
    """Time of receipt of the oldest record behind these positions; None when there is none."""
    times = []
    for lane in lanes(journal_dir):
        with _reader(journal_dir, lane, committed) as reader:
            time_us = reader.next_time_us()
            if time_us is None:  # nothing, or damage that only reading gets over
                time_us = next((record.time_us for _, record in reader.read(1)), None)
            if time_us is not None:
                times.append(time_us)
    return min(times, default=None)


@contextmanager
def _reader(journal_dir: Path, lane: str, committed: Mapping[str, int]) -> Iterator[LaneReader]:
    with LaneReader(journal_dir / lane, committed.get(lane, 0)) as reader:
        yield reader
