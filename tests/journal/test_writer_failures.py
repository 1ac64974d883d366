"""What a LaneWriter does when the disk refuses (hj212d/journal/writer.py, disk.py, errors.py)."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from failing_disk import FailingDisk
from lane_samples import drain, encoded, number_of, numbers

from hj212d.journal.errors import JournalError, JournalFailed, JournalFull
from hj212d.journal.lanes import segments
from hj212d.journal.reader import LaneReader
from hj212d.journal.writer import LaneWriter

FAILURES = [
    ("write", errno.ENOSPC, JournalFull),
    ("write", errno.EDQUOT, JournalFull),
    ("write", errno.EIO, JournalFailed),
    ("write", errno.EFBIG, JournalFailed),
    ("sync", errno.EIO, JournalFailed),
    ("sync", errno.ENOSPC, JournalFull),
]


def retry(writer: LaneWriter, *wanted: int, expected: type[JournalError]) -> None:
    """An append that fails as expected, and again with the same records until it works."""
    with pytest.raises(expected) as failed:
        writer.append(encoded(*wanted))
    assert failed.value.durable == 0
    assert failed.value.state == ("full" if expected is JournalFull else "failed")
    writer.append(encoded(*wanted))


@pytest.mark.parametrize(("call", "number", "expected"), FAILURES)
@pytest.mark.parametrize("truncate", [0, errno.EIO])
@pytest.mark.parametrize("fresh", [False, True])
def test_what_failed_is_given_again_and_delivered_once(
    tmp_path: Path,
    call: str,
    number: int,
    expected: type[JournalError],
    truncate: int,
    fresh: bool,
) -> None:
    """Whatever fails, in a new or a used segment, whether or not the file can be cut back: a
    reader that was there all the time and one that comes later get each record once."""
    lane = tmp_path / "0"
    disk = FailingDisk()
    with LaneReader(lane) as reader, LaneWriter(lane, min_free_bytes=0, disk=disk) as writer:
        got = []
        if not fresh:
            writer.append(encoded(1))
            got += drain(reader)
        # A new segment has a write and a sync of its own for the header.
        disk.plan = {call: [0, number] if fresh else [number], "truncate": [truncate]}
        retry(writer, 2, 3, expected=expected)
        got += drain(reader)
        disk.plan = {call: [number], "truncate": [truncate]}
        retry(writer, 4, expected=expected)
        writer.append(encoded(5))
        got += drain(reader)
        assert reader.damaged == 0
    expected_numbers = [2, 3, 4, 5] if fresh else [1, 2, 3, 4, 5]
    assert [number_of(one) for _, one in got] == expected_numbers
    assert numbers(lane) == expected_numbers
    with LaneWriter(lane, min_free_bytes=0) as writer:
        writer.append(encoded(6))
    assert numbers(lane) == [*expected_numbers, 6]


def test_after_a_failed_sync_the_file_is_not_trusted(tmp_path: Path) -> None:
    """The blocks go into a new segment, behind all that was tried in the old one, and not one more
    byte into the old one."""
    lane = tmp_path / "0"
    disk = FailingDisk()
    with LaneWriter(lane, min_free_bytes=0, disk=disk) as writer:
        end = writer.append(encoded(1))
        first = next(lane.glob("*.seg"))
        size = first.stat().st_size
        disk.plan["sync"] = [errno.EIO]
        retry(writer, 2, expected=JournalFailed)
        assert first.stat().st_size == size
        assert [base for base, _ in segments(lane)] == [0, 2 * end]


def test_failing_for_long_leaves_no_heap_of_segments(tmp_path: Path) -> None:
    """Segments in which nothing became durable are removed."""
    lane = tmp_path / "0"
    disk = FailingDisk()
    with LaneWriter(lane, min_free_bytes=0, disk=disk) as writer:
        writer.append(encoded(1))
        for attempt in range(50):
            # A new segment has a sync of its own for the header.
            disk.plan["sync"] = [0, errno.EIO] if attempt else [errno.EIO]
            with pytest.raises(JournalFailed):
                writer.append(encoded(2))
        writer.append(encoded(2))
    assert len(list(lane.glob("*.seg"))) == 2
    assert numbers(lane) == [1, 2]


def test_always_tells_how_far_it_came(tmp_path: Path) -> None:
    """With a sync for each record the first ones are durable although the call failed."""
    lane = tmp_path / "0"
    disk = FailingDisk()
    with LaneWriter(lane, sync="always", min_free_bytes=0, disk=disk) as writer:
        writer.append(encoded(0))
        disk.plan["sync"] = [0, 0, errno.EIO]
        with pytest.raises(JournalFailed) as failed:
            writer.append(encoded(1, 2, 3, 4))
        assert failed.value.durable == 2
        assert numbers(lane) == [0, 1, 2]
        writer.append(encoded(3, 4))
    assert numbers(lane) == [0, 1, 2, 3, 4]


def test_free_space_that_is_to_stay_free(tmp_path: Path) -> None:
    """Below the floor the journal counts as full before anything is written."""
    lane = tmp_path / "0"
    disk = FailingDisk()
    disk.free = 1000
    with LaneWriter(lane, min_free_bytes=5000, disk=disk) as writer:
        with pytest.raises(JournalFull, match="1000 bytes free"):
            writer.append(encoded(1))
        assert not list(lane.glob("*.seg"))
        writer.min_free_bytes = 500
        writer.append(encoded(1))
    assert numbers(lane) == [1]


@pytest.mark.parametrize("call", ["write", "sync", "sync_folder"])
def test_a_segment_that_cannot_be_made(tmp_path: Path, call: str) -> None:
    """A full disk when a new segment is due: no half segment stays."""
    lane = tmp_path / "0"
    disk = FailingDisk()
    with LaneWriter(lane, segment_bytes=150, min_free_bytes=0, disk=disk) as writer:
        writer.append(encoded(1))
        disk.plan[call] = [errno.ENOSPC]
        with pytest.raises(JournalFull, match="new segment"):
            writer.append(encoded(2))
        assert len(os.listdir(lane)) == 3  # lock, mark, the first segment
        writer.append(encoded(2))
    assert numbers(lane) == [1, 2]


def test_a_lane_opens_on_a_full_disk(tmp_path: Path) -> None:
    """Without its mark readers wait; the mark comes when there is room."""
    lane = tmp_path / "0"
    LaneWriter(lane, min_free_bytes=0).close()
    (lane / "durable").unlink()
    disk = FailingDisk()
    disk.plan["write"] = [errno.ENOSPC, errno.ENOSPC]
    with LaneWriter(lane, min_free_bytes=0, disk=disk) as writer:
        with pytest.raises(JournalFull):
            writer.append(encoded(1))
        assert numbers(lane) == []
        writer.append(encoded(1))
        assert numbers(lane) == [1]


def test_a_mark_that_cannot_be_made_does_not_undo_a_durable_block(tmp_path: Path) -> None:
    """The block stands; readers see it when the mark can be made with a later commit."""
    lane = tmp_path / "0"
    LaneWriter(lane, min_free_bytes=0).close()
    (lane / "durable").unlink()
    disk = FailingDisk()
    disk.plan["write"] = [errno.ENOSPC, 0, 0, errno.ENOSPC]
    with LaneWriter(lane, min_free_bytes=0, disk=disk) as writer:
        writer.append(encoded(1))
        assert "durable mark" in writer.notes[0]
        assert numbers(lane) == []
        writer.append(encoded(2))
        assert numbers(lane) == [1, 2]
