"""Reading a lane (hj212d/journal/reader.py); damage is in test_reader_damage.py."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from lane_samples import drain, encoded, number_of, numbers

from hj212d.journal.lanes import segments
from hj212d.journal.reader import LaneReader
from hj212d.journal.writer import LaneWriter


def test_a_lane_that_is_not_there_yet(tmp_path: Path) -> None:
    """A reader may come before the writer, and then reads from the beginning."""
    lane = tmp_path / "0"
    with LaneReader(lane) as reader:
        assert reader.read() == []
        assert reader.lag_bytes == 0
        with LaneWriter(lane, min_free_bytes=0) as writer:
            assert reader.read() == []
            writer.append(encoded(1))
            assert reader.lag_bytes == writer.end
            assert [number_of(one) for _, one in reader.read()] == [1]
            assert reader.position == writer.end
            assert reader.lag_bytes == 0


def test_readers_are_independent(tmp_path: Path) -> None:
    """Each has its own place, and a new one goes on where another stood."""
    lane = tmp_path / "0"
    with (
        LaneWriter(lane, segment_bytes=300, min_free_bytes=0) as writer,
        LaneReader(lane) as first,
        LaneReader(lane) as second,
    ):
        for number in range(10):
            writer.append(encoded(number))
        assert len(first.read(max_bytes=400)) < 10
        rest = numbers(lane, first.position)
        assert [number_of(one) for _, one in drain(second)] == list(range(10))
        assert [number_of(one) for _, one in drain(first)] == rest


@pytest.mark.parametrize("max_bytes", [1, 100, 1000])
def test_a_read_is_bounded_and_whole(tmp_path: Path, max_bytes: int) -> None:
    """A read ends with the block that reaches the limit, and gives at least one block."""
    lane = tmp_path / "0"
    with LaneWriter(lane, min_free_bytes=0) as writer, LaneReader(lane) as reader:
        end = writer.append(encoded(1, 2))
        for number in range(3, 50):
            writer.append(encoded(number))
        found = reader.read(max_bytes)
        assert len(found) >= 2
        assert reader.position >= end
        assert reader.position < max_bytes + end


def test_every_record_position_can_be_started_from(tmp_path: Path) -> None:
    """A reader that starts at a record's position gets this record first, also inside a block;
    one that starts behind it gets the next."""
    lane = tmp_path / "0"
    with LaneWriter(lane, segment_bytes=400, min_free_bytes=0) as writer:
        for number in range(0, 30, 3):
            writer.append(encoded(number, number + 1, number + 2))
    with LaneReader(lane) as reader:
        found = drain(reader)
    for number, (at, _) in enumerate(found):
        assert numbers(lane, at) == list(range(number, 30))
        assert numbers(lane, at + 1) == list(range(number + 1, 30))


def test_without_a_writer_all_whole_blocks_are_read(tmp_path: Path) -> None:
    """Once the writer is gone the mark does not hold readers back: it may lag after a power cut,
    be missing in a copy, or be damaged."""
    lane = tmp_path / "0"
    with LaneWriter(lane, segment_bytes=200, min_free_bytes=0) as writer:
        for number in range(5):
            writer.append(encoded(number))
    mark = lane / "durable"
    for content in (bytes(16), (7).to_bytes(8, "little") * 2, b"\x01" + bytes(15), b""):
        mark.write_bytes(content)
        assert numbers(lane) == [0, 1, 2, 3, 4]
    mark.unlink()
    (lane / "lock").unlink()
    assert numbers(lane) == [0, 1, 2, 3, 4]


def test_a_torn_tail_is_the_next_writers(tmp_path: Path) -> None:
    """A reader stops before a torn block, counts neither damage nor lag, and goes on with what the
    next writer writes."""
    lane = tmp_path / "0"
    with LaneWriter(lane, min_free_bytes=0) as writer:
        end = writer.append(encoded(1))
    with open(segments(lane)[-1][1], "ab") as file:
        file.write(b"HJBKtorn")
    with LaneReader(lane) as reader:
        assert [number_of(one) for _, one in drain(reader)] == [1]
        assert (reader.position, reader.damaged, reader.lag_bytes) == (end, 0, 0)
        with LaneWriter(lane, min_free_bytes=0) as writer:
            assert reader.read() == []
            assert reader.lag_bytes == 0
            writer.append(encoded(2))
            assert [number_of(one) for _, one in drain(reader)] == [2]
        assert reader.damaged == 0


def test_retention_removes_what_was_read(tmp_path: Path) -> None:
    """A segment that goes while a reader has it open, having read it, is not missed."""
    lane = tmp_path / "0"
    with (
        LaneWriter(lane, segment_bytes=150, min_free_bytes=0) as writer,
        LaneReader(lane) as reader,
    ):
        for number in range(6):
            writer.append(encoded(number))
            if number:
                assert [number_of(one) for _, one in drain(reader)][-1] == number
            for _, path in segments(lane)[:-1]:
                path.unlink()
        assert reader.damaged == 0
        assert numbers(lane) == [5]


def test_reading_beside_a_writing_thread(tmp_path: Path) -> None:
    """A reader that runs all the time beside a writer gets every record once, in order."""
    lane = tmp_path / "0"
    total = 3000
    problems: list[str] = []
    got: list[int] = []
    writer = LaneWriter(lane, sync="none", segment_bytes=20_000, min_free_bytes=0)
    written = threading.Event()

    def read() -> None:
        with LaneReader(lane) as reader:
            while len(got) < total:
                last_look = written.is_set()
                found = reader.read(5000)
                got.extend(number_of(one) for _, one in found)
                if last_look and not found:
                    break
            if reader.damaged:
                problems.append(f"damage {list(reader.damage)}")

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(0, total, 3):
        writer.append(encoded(number, number + 1, number + 2))
    written.set()
    thread.join(90)
    writer.close()
    assert not thread.is_alive()
    assert problems == []
    assert got == list(range(total))


def test_readers_leave_no_descriptor_open(tmp_path: Path) -> None:
    """Over many segments a reader holds one file, and none when it is closed."""
    lane = tmp_path / "0"
    with LaneWriter(lane, segment_bytes=150, min_free_bytes=0) as writer:
        for number in range(20):
            writer.append(encoded(number))
    before = len(os.listdir("/proc/self/fd"))
    reader = LaneReader(lane)
    drain(reader)
    assert len(os.listdir("/proc/self/fd")) <= before + 1
    reader.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_pieces_are_the_records_of_a_block_as_they_stand(tmp_path: Path) -> None:
    """One for each block, with its place and count; from inside a block on, the rest of it."""
    lane = tmp_path / "0"
    with LaneWriter(lane, min_free_bytes=0) as writer:
        blocks = [encoded(1, 2, 3), encoded(4, 5)]
        ends = [writer.append(block) for block in blocks]
    with LaneReader(lane) as reader:
        pieces = reader.pieces()
        assert [(piece.count, piece.body) for piece in pieces] == [
            (3, b"".join(blocks[0])),
            (2, b"".join(blocks[1])),
        ]
        assert [piece.position + len(piece.body) for piece in pieces] == ends
    second = pieces[0].position + len(blocks[0][0])
    with LaneReader(lane, second) as reader:
        first = reader.pieces()[0]
        assert (first.position, first.count, first.body) == (second, 2, b"".join(blocks[0][1:]))


def test_pieces_stop_where_they_are_told(tmp_path: Path) -> None:
    """No block behind the stop is given, one that lies across it neither; the lane is known to
    have no more before it once its mark is there, or nobody writes it."""
    lane = tmp_path / "0"
    with LaneWriter(lane, min_free_bytes=0) as writer, LaneReader(lane) as reader:
        ends = [writer.append(encoded(number)) for number in range(6)]
        assert len(reader.pieces(1, stop=ends[2])) == 1
        assert len(reader.pieces(stop=ends[2])) == 2
        assert reader.position == ends[2]
        assert reader.pieces(stop=ends[2]) == []
        assert reader.pieces(stop=ends[3] - 1) == []
        assert (reader.position, reader.damaged) == (ends[2], 0)
        assert reader.ends_before(ends[3] - 1)
        assert not reader.ends_before(ends[5] + 1)
        assert len(reader.pieces()) == 3
    with LaneReader(lane, ends[5]) as reader:
        assert reader.ends_before(ends[5] + 1)


def test_the_time_of_the_next_record_can_be_asked(tmp_path: Path) -> None:
    """Without reading on; none at the end of what is durable."""
    lane = tmp_path / "0"
    with LaneReader(lane) as reader:
        assert reader.next_time_us() is None
        with LaneWriter(lane, min_free_bytes=0) as writer:
            writer.append(encoded(1, 2))
            times = []
            for _ in range(2):
                times.append(reader.next_time_us())
            [(_, first), _] = reader.read()
            assert times == [first.time_us, first.time_us]
            assert reader.next_time_us() is None
