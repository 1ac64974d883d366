"""Which segments go (hj212d/journal/retention.py)."""

from __future__ import annotations

from pathlib import Path

from lane_samples import drain, encoded, numbers

from hj212d.journal import cursors
from hj212d.journal.lanes import extents
from hj212d.journal.reader import LaneReader
from hj212d.journal.retention import sweep
from hj212d.journal.writer import LaneWriter

DAY = 86400.0


def write(lane: Path, start: float, count: int = 5) -> list[int]:
    """A segment a day from the day ``start`` on; the ends of the segments."""
    clock = [start * DAY]
    with LaneWriter(lane, segment_bytes=150, min_free_bytes=0, now=lambda: clock[0]) as writer:
        ends = []
        for number in range(count):
            ends.append(writer.append(encoded(number)))
            clock[0] += DAY
    return ends


def read_all(journal: Path, name: str = "store", **positions: int) -> None:
    """Save a reader that has read everything, or up to the given positions."""
    ends = {lane.name: extents(lane)[-1].end for lane in journal.iterdir() if lane.name.isdigit()}
    cursors.save(journal, name, ends | {lane[1:]: at for lane, at in positions.items()})


def test_age(tmp_path: Path) -> None:
    """What was closed longer ago than the limit goes, and never the newest segment."""
    write(tmp_path / "0", start=100)
    read_all(tmp_path)
    assert sweep(tmp_path, 0, 2.5, 103.0 * DAY) == []
    # Segments are closed on the days 101, 102, 103 and 104, the fifth is open.
    assert len(sweep(tmp_path, 0, 2.5, 104.6 * DAY)) == 2
    assert numbers(tmp_path / "0") == [2, 3, 4]
    assert len(sweep(tmp_path, 0, 2.5, 1000 * DAY)) == 2
    assert numbers(tmp_path / "0") == [4]


def test_size_over_all_lanes_oldest_first(tmp_path: Path) -> None:
    """The oldest of any lane goes first, until the total fits."""
    write(tmp_path / "0", start=100)
    write(tmp_path / "1", start=102.5)
    read_all(tmp_path)
    total = sum(e.file_bytes for lane in "01" for e in extents(tmp_path / lane))
    assert sweep(tmp_path, total, 0, 1000 * DAY) == []
    assert len(sweep(tmp_path, total - 1, 0, 1000 * DAY)) == 1
    assert numbers(tmp_path / "0") == [1, 2, 3, 4]
    removed = sweep(tmp_path, total // 2, 0, 1000 * DAY)
    assert [path.parent.name for path in removed] == ["0", "0", "1", "0"]
    assert len(sweep(tmp_path, 1, 0, 1000 * DAY)) == 3
    assert numbers(tmp_path / "0") == numbers(tmp_path / "1") == [4]


def test_no_limits(tmp_path: Path) -> None:
    """0 and 0: nothing goes."""
    write(tmp_path / "0", start=100)
    read_all(tmp_path)
    assert sweep(tmp_path, 0, 0, 1000 * DAY) == []


def test_never_past_a_cursor(tmp_path: Path) -> None:
    """A segment that any reader has not read to its end stays, however old and large all is."""
    ends = write(tmp_path / "0", start=100)
    read_all(tmp_path)
    read_all(tmp_path, "forward", l0=ends[1])
    assert len(sweep(tmp_path, 1, 1, 1000 * DAY)) == 2
    read_all(tmp_path, "forward", l0=ends[2] - 1)
    assert sweep(tmp_path, 1, 1, 1000 * DAY) == []
    assert numbers(tmp_path / "0", ends[1]) == [2, 3, 4]


def test_what_nobody_read_stays(tmp_path: Path) -> None:
    """No reader at all, a reader without the lane, and one whose file is damaged: unread."""
    write(tmp_path / "0", start=100)
    assert sweep(tmp_path, 1, 1, 1000 * DAY) == []
    cursors.save(tmp_path, "store", {"1": 10**9})
    assert sweep(tmp_path, 1, 1, 1000 * DAY) == []
    read_all(tmp_path)
    (tmp_path / "cursors" / "forward.json").write_bytes(b"junk")
    assert sweep(tmp_path, 1, 1, 1000 * DAY) == []
    cursors.load(tmp_path, "forward")
    assert sweep(tmp_path, 1, 1, 1000 * DAY) == []
    read_all(tmp_path, "forward")
    assert len(sweep(tmp_path, 1, 1, 1000 * DAY)) == 4


def test_a_reader_goes_on_over_what_went(tmp_path: Path) -> None:
    """A reader that is open while its read segments go misses nothing; the lane's positions go on
    after a restart."""
    lane = tmp_path / "0"
    write(lane, start=100)
    with LaneReader(lane) as reader:
        drain(reader)
        cursors.save(tmp_path, "store", {"0": reader.position})
        assert len(sweep(tmp_path, 1, 0, 1000 * DAY)) == 4
        with LaneWriter(lane, min_free_bytes=0) as writer:
            assert writer.end == reader.position
            writer.append(encoded(5))
            assert [found.time_us for _, found in drain(reader)] == [5]
        assert reader.damaged == 0


def test_a_clock_set_back_tears_no_hole(tmp_path: Path) -> None:
    """Segments of a lane go in their order, whatever the clock said."""
    lane = tmp_path / "0"
    write(lane, start=100, count=3)
    write(lane, start=10, count=3)
    read_all(tmp_path)
    for keep in (5, 4, 3, 2, 1):
        total = sum(extent.file_bytes for extent in extents(lane)) - 1
        assert len(sweep(tmp_path, total, 0, 1000 * DAY)) == 1
        assert numbers(lane) == [0, 1, 2, 0, 1, 2][-keep:]
