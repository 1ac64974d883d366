"""Reading what is damaged (hj212d/journal/reader.py): mend one bit, skip and count the rest."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from lane_samples import drain, encoded, last_segment, number_of

from hj212d.journal.blocks import HEAD_BYTES
from hj212d.journal.reader import LaneReader
from hj212d.journal.segment import HEADER_BYTES
from hj212d.journal.writer import LaneWriter


def read(lane: Path) -> tuple[list[int], LaneReader]:
    """Numbers of all records, and the reader for its counters."""
    with LaneReader(lane) as reader:
        return [number_of(one) for _, one in drain(reader)], reader


@pytest.fixture
def lane(memory_path: Path) -> Path:
    """A lane of four blocks in one segment: 1; 2, 3; 4; 5."""
    folder = memory_path / "0"
    with LaneWriter(folder, min_free_bytes=0) as writer:
        for block in ([1], [2, 3], [4], [5]):
            writer.append(encoded(*block, size=20))
    return folder


def test_every_flipped_bit_of_a_segment_is_mended(lane: Path) -> None:
    """Any one bit, in header, heads or bodies: all records come, and the mend is counted."""
    path = last_segment(lane)
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        found, reader = read(lane)
        assert found == [1, 2, 3, 4, 5]
        assert reader.damaged == 0
        assert reader.mended == (bit // 8 >= HEADER_BYTES)


def test_a_flipped_bit_in_a_segment_that_is_closed(memory_path: Path) -> None:
    """The header of a later segment tells where an earlier one ends, also with a flipped bit."""
    folder = memory_path / "0"
    with LaneWriter(folder, segment_bytes=150, min_free_bytes=0) as writer:
        for number in range(3):
            writer.append(encoded(number))
    for path in folder.glob("*.seg"):
        whole = path.read_bytes()
        for bit in range(0, 8 * len(whole), 5):
            flipped = bytearray(whole)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            found, reader = read(folder)
            assert (found, reader.damaged) == ([0, 1, 2], 0)
        path.write_bytes(whole)


def test_two_flipped_bits_cost_one_block(lane: Path) -> None:
    """Any two bits of one block: it is skipped, counted and described; the others come."""
    path = last_segment(lane)
    whole = path.read_bytes()
    draw = random.Random(7)
    with LaneReader(lane) as reader:
        starts = [at - HEAD_BYTES for at, one in drain(reader) if one.time_us != 3]
    ends = [*starts[1:], len(whole) - HEADER_BYTES]
    # The last block would be a torn tail, which is the next writer's to count.
    for low, high, lost in list(zip(starts, ends, [{1}, {2, 3}, {4}, {5}], strict=True))[:3]:
        for _ in range(150):
            # Both in the head or both in the body: one in each would be mended twice.
            part = draw.choice([range(HEAD_BYTES), range(HEAD_BYTES, high - low)])
            bits = draw.sample(range(8 * part.start, 8 * part.stop), 2)
            flipped = bytearray(whole)
            for bit in bits:
                flipped[HEADER_BYTES + low + bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            found, reader = read(lane)
            assert set(found) == {1, 2, 3, 4, 5} - lost
            assert (reader.damaged, reader.damaged_bytes) == (1, high - low)
            assert reader.damage[0].position == low


def test_one_flipped_bit_in_head_and_body(lane: Path) -> None:
    """Both are mended: each has its own checksum."""
    path = last_segment(lane)
    flipped = bytearray(path.read_bytes())
    flipped[HEADER_BYTES + 13] ^= 2
    flipped[HEADER_BYTES + 60] ^= 2
    path.write_bytes(flipped)
    found, reader = read(lane)
    assert (found, reader.mended) == ([1, 2, 3, 4, 5], 1)


@pytest.mark.parametrize("seed", range(4))
def test_no_damage_stops_a_reader(memory_path: Path, seed: int) -> None:
    """Junk, zeros, cuts and lost files all over a lane of many segments: the reader ends, raises
    nothing, and what it gives was written, in order, once. A writer still opens and appends."""
    draw = random.Random(seed)
    folder = memory_path / "0"
    with LaneWriter(folder, segment_bytes=600, min_free_bytes=0) as writer:
        for number in range(60):
            writer.append(encoded(number, size=draw.randint(0, 200)))
    for path in sorted(folder.glob("*.seg")):
        data = bytearray(path.read_bytes())
        for _ in range(draw.randint(0, 3)):
            start = draw.randrange(len(data))
            stop = min(len(data), start + draw.choice([1, 3, 50]))
            data[start:stop] = draw.choice([bytes(stop - start), draw.randbytes(stop - start)])
        path.write_bytes(data[: draw.choice([len(data), len(data), draw.randrange(len(data))])])
        if draw.random() < 0.1:
            path.unlink()
    found, _ = read(folder)
    assert found == sorted(set(found))
    with LaneReader(folder) as reader:
        before = [number_of(one) for _, one in drain(reader)]
        with LaneWriter(folder, min_free_bytes=0) as writer:
            writer.append(encoded(1000))
            assert [number_of(one) for _, one in drain(reader)][-1:] == [1000]
    assert before == found


def test_missing_bytes_are_counted(tmp_path: Path) -> None:
    """A segment that was cut between blocks, or removed before it was read, is told from a gap."""
    folder = tmp_path / "0"
    with LaneWriter(folder, segment_bytes=300, min_free_bytes=0) as writer:
        ends = [writer.append(encoded(number)) for number in range(6)]
    first, second, _ = sorted(folder.glob("*.seg"))
    with open(first, "r+b") as file:
        file.truncate(HEADER_BYTES + ends[0])
    found, reader = read(folder)
    assert found == [0, 2, 3, 4, 5]
    assert (reader.damaged, reader.damaged_bytes) == (1, ends[1] - ends[0])
    second.unlink()
    found, reader = read(folder)
    assert found == [0, 4, 5]
    assert reader.damaged_bytes == ends[3] - ends[0]


def test_a_whole_block_of_nonsense_is_damage(tmp_path: Path) -> None:
    """A body that fits its checksum and is not records is skipped like any damage."""
    folder = tmp_path / "0"
    with LaneWriter(folder, min_free_bytes=0) as writer:
        writer.append(encoded(1))
        writer.append([b"not a record"])
        writer.append(encoded(2))
        found, reader = read(folder)
    assert found == [1, 2]
    assert reader.damaged == 1
