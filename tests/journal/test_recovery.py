"""Opening a lane after a crash (hj212d/journal/recovery.py)."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest
from failing_disk import FailingDisk
from lane_samples import drain, encoded, last_segment, number_of, numbers

from hj212d.journal import cursors
from hj212d.journal.reader import LaneReader
from hj212d.journal.recovery import LEAP_BYTES
from hj212d.journal.segment import HEADER_BYTES
from hj212d.journal.writer import LaneWriter


def write(lane: Path, *blocks: list[int], **options: object) -> list[int]:
    """One block for each list, by a writer of its own; the offsets behind them."""
    with LaneWriter(lane, min_free_bytes=0, **options) as writer:  # type: ignore[arg-type]
        return [writer.append(encoded(*block)) for block in blocks]


def test_a_torn_tail_at_every_byte(memory_path: Path) -> None:
    """Wherever the last block is torn: it is cut and kept, the blocks before are all there, and
    the lane goes on at an offset that nobody saw."""
    ends = write(memory_path / "model" / "0", [1], [2, 3], [4, 5])
    for end in range(ends[1], ends[2]):
        journal = memory_path / str(end)
        lane = journal / "0"
        shutil.copytree(memory_path / "model" / "0", lane)
        path = last_segment(lane)
        torn = path.read_bytes()[HEADER_BYTES + ends[1] : HEADER_BYTES + end]
        with open(path, "r+b") as file:
            file.truncate(HEADER_BYTES + end)
        (lane / "durable").unlink()
        assert numbers(lane) == [1, 2, 3]
        with LaneWriter(lane, min_free_bytes=0) as writer:
            assert writer.end >= end
            assert writer.cut_tails == bool(torn)
            assert bool(writer.tail) == bool(torn)
            writer.append(encoded(6))
        kept = list((journal / "damaged").glob("*")) if torn else []
        assert [copy.read_bytes() for copy in kept] == ([torn] if torn else [])
        with LaneReader(lane) as reader:
            assert [number_of(one) for _, one in drain(reader)] == [1, 2, 3, 6]
            assert reader.damaged == 0


@pytest.mark.parametrize("tail", [bytes(5000), b"\xff" * 77, b"HJBK" * 30])
def test_junk_behind_the_last_block_is_cut(tmp_path: Path, tail: bytes) -> None:
    """Zeros (a size that came to disk before the data), ones and half heads are torn tails."""
    lane = tmp_path / "0"
    ends = write(lane, [1])
    with open(last_segment(lane), "ab") as file:
        file.write(tail)
    with LaneWriter(lane, min_free_bytes=0) as writer:
        assert writer.tail is not None
        assert (writer.tail.position, writer.tail.bytes) == (ends[0], len(tail))
        assert writer.end == ends[0] + len(tail)
        writer.append(encoded(2))
    assert numbers(lane) == [1, 2]


def test_only_what_is_behind_the_last_whole_block_is_cut(tmp_path: Path) -> None:
    """Damage with a whole block behind it stays in the file, for the reader to skip and count; a
    last block with one flipped bit is whole."""
    lane = tmp_path / "0"
    ends = write(lane, [1], [2], [3])
    path = last_segment(lane)
    data = bytearray(path.read_bytes())
    data[HEADER_BYTES + ends[0] + 50] ^= 3
    data[-1] ^= 16
    path.write_bytes(data)
    with LaneWriter(lane, min_free_bytes=0) as writer:
        assert writer.tail is None
        writer.append(encoded(4))
    with LaneReader(lane) as reader:
        assert [number_of(one) for _, one in drain(reader)] == [1, 3, 4]
        assert (reader.damaged, reader.mended) == (1, 1)


def test_positions_never_repeat(tmp_path: Path) -> None:
    """A lane goes on above its files, its mark, every saved cursor and what the caller knows; also
    when it opens again and again without writing."""
    lane = tmp_path / "0"
    end = write(lane, [1])[0]
    with LaneWriter(lane, min_free_bytes=0) as writer:
        assert writer.end == end
    cursors.save(tmp_path, "store", {"0": 5_000, "1": 99_999})
    cursors.save(tmp_path, "tail", {"0": 4_000})
    with LaneWriter(lane, min_free_bytes=0) as writer:
        assert writer.end == 5_000
    with LaneWriter(lane, min_free_bytes=0, first_base=7_000) as writer:
        assert writer.end == 7_000
    shutil.rmtree(tmp_path / "cursors")
    with LaneWriter(lane, min_free_bytes=0) as writer:
        assert writer.end == 7_000
        writer.append(encoded(2))
    assert numbers(lane, 5_000) == [2]
    assert numbers(lane) == [1, 2]


def test_an_empty_segment_keeps_its_name(tmp_path: Path) -> None:
    """A crash between the making of a segment and its first block: the next one is another file,
    and no reader believes that something is missing."""
    lane = tmp_path / "0"
    end = write(lane, [1])[0]
    disk = FailingDisk()
    with LaneWriter(lane, min_free_bytes=0, first_base=5_000, disk=disk) as writer:
        disk.plan["write"] = [0, errno.ENOSPC]
        with pytest.raises(Exception, match="No space"):
            writer.append(encoded(2))
    assert [path.stat().st_size for path in sorted(lane.glob("*.seg"))][1:] == [HEADER_BYTES]
    write(lane, [2])
    assert len(list(lane.glob("*.seg"))) == 3
    with LaneReader(lane, end) as reader:
        assert [number_of(one) for _, one in drain(reader)] == [2]
        assert reader.damaged == 0


def test_unsynced_lanes_leap(tmp_path: Path) -> None:
    """With sync = none a power cut may take what a reader has already seen, with its mark: the
    lane goes on where no reader can have been."""
    lane = tmp_path / "0"
    ends = write(lane, [1], [2], [3], sync="none")
    path = last_segment(lane)
    with open(path, "r+b") as file:
        file.truncate(HEADER_BYTES + ends[0])
    (lane / "durable").unlink()
    with LaneWriter(lane, min_free_bytes=0) as writer:
        assert writer.end == ends[0] + LEAP_BYTES
        writer.append(encoded(4))
    assert numbers(lane, ends[2]) == [4]
    with LaneReader(lane, ends[2]) as reader:
        drain(reader)
        assert reader.damaged == 0


def test_a_lost_header_loses_no_block(tmp_path: Path) -> None:
    """The base stands in the file name, too."""
    lane = tmp_path / "0"
    write(lane, [1], [2])
    path = last_segment(lane)
    data = bytearray(path.read_bytes())
    data[:HEADER_BYTES] = bytes(HEADER_BYTES)
    path.write_bytes(data)
    write(lane, [3])
    assert numbers(lane) == [1, 2, 3]


def test_a_tail_that_cannot_be_kept_is_not_cut(tmp_path: Path) -> None:
    """On a full disk the torn bytes stay where they are, are void, and the lane opens."""
    lane = tmp_path / "0"
    write(lane, [1])
    with open(last_segment(lane), "ab") as file:
        file.write(b"torn")
    disk = FailingDisk()
    disk.plan["sync"] = [errno.ENOSPC]
    with LaneWriter(lane, min_free_bytes=0, disk=disk) as writer:
        assert "No space" in writer.notes[0]
        assert writer.cut_tails == 0
        writer.append(encoded(2))
    assert sorted(lane.glob("*.seg"))[0].read_bytes().endswith(b"torn")
    with LaneReader(lane) as reader:
        assert [number_of(one) for _, one in drain(reader)] == [1, 2]
        assert reader.damaged == 0


def test_unfinished_segments_are_removed(tmp_path: Path) -> None:
    """A crash before a new segment had its name leaves nothing behind."""
    lane = tmp_path / "0"
    write(lane, [1])
    (lane / "00000000000000000777.seg.new").write_bytes(b"HJ")
    write(lane, [2])
    assert not list(lane.glob("*.new"))
    assert numbers(lane) == [1, 2]
