"""The folder of the journal and the lock of a lane (hj212d/journal/lanes.py)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lane_samples import encoded, numbers

from hj212d.journal.errors import LaneBusy
from hj212d.journal.lanes import extents, lanes, lock_lane, position_at, segments, unwritten
from hj212d.journal.writer import LaneWriter


def test_lanes_are_the_folders_in_order_of_number(tmp_path: Path) -> None:
    """Neither cursors nor cut tails nor stray files are lanes; 10 comes behind 9."""
    for folder in ("10", "9", "0", "cursors", "damaged", ".snapshot"):
        (tmp_path / folder).mkdir()
    (tmp_path / "7").write_text("a file")
    assert lanes(tmp_path) == ["0", "9", "10"]
    assert lanes(tmp_path / "missing") == []


def test_only_whole_names_are_segments(tmp_path: Path) -> None:
    """Unfinished segments and other files do not count."""
    for file in ("00000000000000000009.seg", "00000000000000000001.seg", "1.seg", "durable"):
        (tmp_path / file).touch()
    (tmp_path / "00000000000000000002.seg.new").touch()
    assert [base for base, _ in segments(tmp_path)] == [1, 9]
    assert segments(tmp_path / "missing") == []


def test_a_lane_has_one_writer(tmp_path: Path) -> None:
    """A second writer is refused while the first lives, and let in afterwards."""
    first = lock_lane(tmp_path)
    with pytest.raises(LaneBusy):
        lock_lane(tmp_path, patience_s=0)
    with unwritten(tmp_path) as free:
        assert not free
    os.close(first)
    with unwritten(tmp_path) as free:
        assert free
        with pytest.raises(LaneBusy):
            lock_lane(tmp_path, patience_s=0)
    os.close(lock_lane(tmp_path, patience_s=0))


def test_a_lane_without_lock_file_has_no_writer(tmp_path: Path) -> None:
    """A copied journal, where nobody ever wrote, can be read."""
    with unwritten(tmp_path) as free:
        assert free


def test_extents_begin_with_the_segment_of_a_position(tmp_path: Path) -> None:
    """Only segments from a position on are listed, the newest always."""
    lane = tmp_path / "0"
    with LaneWriter(lane, segment_bytes=150, min_free_bytes=0) as writer:
        ends = [writer.append(encoded(number)) for number in range(4)]
    assert [extent.end for extent in extents(lane)] == ends
    assert [extent.end for extent in extents(lane, ends[1])] == ends[2:]
    assert [extent.end for extent in extents(lane, ends[1] - 1)] == ends[1:]
    assert [extent.end for extent in extents(lane, 10**9)] == ends[3:]


def test_a_time_has_a_position_before_it(tmp_path: Path) -> None:
    """All that was written at or after a time lies behind the position for it."""
    lane = tmp_path / "0"
    clock = [100.0]
    with LaneWriter(lane, segment_bytes=150, min_free_bytes=0, now=lambda: clock[0]) as writer:
        for number in range(6):
            writer.append(encoded(number))
            clock[0] += 10
    assert position_at(lane, 0) == 0
    for number in range(6):
        found = numbers(lane, position_at(lane, int((100 + 10 * number) * 1e6)))
        assert set(range(number, 6)) <= set(found)
    assert numbers(lane, position_at(lane, 10**15)) == [5]
