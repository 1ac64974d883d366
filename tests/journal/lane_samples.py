"""Sample records, and reading a lane to its end, for the journal's tests."""

from __future__ import annotations

from pathlib import Path

from hj212d.journal.reader import LaneReader
from hj212d.journal.record import Kind, Record, encode


def record(number: int, size: int = 40) -> Record:
    """A record that can be told from others and checked: ``number`` fills all of it."""
    raw = (f"{number}:" * (size // len(f"{number}:") + 1))[:size].encode()
    return Record(Kind.FRAME, number, number + 7, number % 9, number % 5, b"%d" % number, raw)


def encoded(*numbers: int, size: int = 40) -> list[bytes]:
    """Records of these numbers as they stand in a block."""
    return [encode(record(number, size)) for number in numbers]


def drain(reader: LaneReader, max_bytes: int = 1 << 20) -> list[tuple[int, Record]]:
    """All that a reader gives until it gives nothing."""
    found = []
    while some := reader.read(max_bytes):
        found += some
    return found


def numbers(lane_dir: Path, position: int = 0) -> list[int]:
    """The numbers of all records that a new reader gets; each is checked to be whole."""
    with LaneReader(lane_dir, position) as reader:
        return [number_of(found) for _, found in drain(reader)]


def number_of(found: Record) -> int:
    """The number of a sample record, which must be whole."""
    assert found == record(found.time_us, len(found.raw))
    return found.time_us


def last_segment(lane_dir: Path) -> Path:
    """The newest segment file of a lane."""
    return max(lane_dir.glob("*.seg"))
