"""Writing a lane (hj212d/journal/writer.py); what fails is in test_writer_failures.py."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from failing_disk import FailingDisk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lane_samples import drain, encoded, number_of, numbers, record

from hj212d.journal.errors import LaneBusy
from hj212d.journal.lanes import extents
from hj212d.journal.reader import LaneReader
from hj212d.journal.segment import HEADER_BYTES
from hj212d.journal.settings import Sync
from hj212d.journal.writer import LaneWriter

sizes = st.lists(st.lists(st.integers(0, 3000), max_size=6), max_size=12)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    blocks=sizes,
    sync=st.sampled_from(["group", "always", "none"]),
    segment_bytes=st.integers(100, 10_000),
    max_bytes=st.integers(1, 20_000),
    restarts=st.sets(st.integers(0, 12)),
)
def test_records_come_back_in_order_once(
    memory_path: Path,
    blocks: list[list[int]],
    sync: Sync,
    segment_bytes: int,
    max_bytes: int,
    restarts: set[int],
) -> None:
    """Whatever the sync, the sizes, the restarts and the reader's appetite: every record comes
    back whole, in order, once, with positions that grow."""
    with TemporaryDirectory(dir=memory_path) as folder:
        lane = Path(folder) / "0"

        def open_lane() -> LaneWriter:
            return LaneWriter(lane, sync=sync, segment_bytes=segment_bytes, min_free_bytes=0)

        written = []
        writer = open_lane()
        for index, block in enumerate(blocks):
            if index in restarts:
                writer.close()
                writer = open_lane()
            first = len(written)
            parts = [encoded(first + i, size=size)[0] for i, size in enumerate(block)]
            end = writer.append(parts)
            assert end == writer.end == writer.durable
            written += [record(first + i, size) for i, size in enumerate(block)]
        with LaneReader(lane) as reader:
            found = drain(reader, max_bytes)
            assert reader.lag_bytes == 0
        writer.close()
        assert [one for _, one in found] == written
        positions = [at for at, _ in found]
        assert positions == sorted(set(positions))


def test_one_block_or_one_for_each_record(tmp_path: Path) -> None:
    """group: one sync for all; always: one for each record; none: none."""
    for sync, syncs in (("group", 1), ("always", 3), ("none", 0)):
        disk = FailingDisk()
        with LaneWriter(tmp_path / sync, sync=sync, min_free_bytes=0, disk=disk) as writer:
            writer.append(encoded(0))
            before = disk.syncs
            writer.append(encoded(1, 2, 3))
            assert disk.syncs - before == syncs
        assert numbers(tmp_path / sync) == [0, 1, 2, 3]


def test_nothing_to_write_writes_nothing(tmp_path: Path) -> None:
    """An empty append makes no block and no segment."""
    with LaneWriter(tmp_path / "0", min_free_bytes=0) as writer:
        assert writer.append([]) == writer.end == 0
    assert not list((tmp_path / "0").glob("*.seg"))


def test_large_commits_are_several_blocks_with_one_sync(tmp_path: Path) -> None:
    """More than a block holds becomes more blocks; a record larger than a block is not refused."""
    disk = FailingDisk()
    lane = tmp_path / "0"
    with LaneWriter(lane, min_free_bytes=0, disk=disk) as writer:
        writer.append(encoded(0))
        before = disk.syncs
        writer.append(encoded(*range(1, 10), size=1 << 20) + encoded(10, size=5 << 20))
        assert disk.syncs == before + 1
    assert numbers(lane) == list(range(11))


def test_segments_are_closed_at_their_size(tmp_path: Path) -> None:
    """No segment grows beyond its size unless one commit is larger, and none is left empty."""
    lane = tmp_path / "0"
    with LaneWriter(lane, segment_bytes=1000, min_free_bytes=0) as writer:
        for number in range(30):
            writer.append(encoded(number, size=300))
        writer.append(encoded(30, size=5000))
        writer.append(encoded(31))
    sizes = [extent.file_bytes for extent in extents(lane)]
    assert all(HEADER_BYTES < size <= 1000 for size in sizes if size < 5000)
    assert len(sizes) > 10
    assert numbers(lane) == list(range(32))


def test_short_writes_are_completed(tmp_path: Path) -> None:
    """A kernel that takes a few bytes at a time gets all of them."""
    disk = FailingDisk()
    disk.short_writes = True
    with LaneWriter(tmp_path / "0", min_free_bytes=0, disk=disk) as writer:
        writer.append(encoded(1, 2))
    assert numbers(tmp_path / "0") == [1, 2]


def test_a_lane_has_one_writer(tmp_path: Path) -> None:
    """A second writer is refused; a closed one leaves the lane free, and no descriptor behind."""
    before = len(os.listdir("/proc/self/fd"))
    writer = LaneWriter(tmp_path / "0", min_free_bytes=0)
    writer.append(encoded(1))
    with pytest.raises(LaneBusy):
        LaneWriter(tmp_path / "0", min_free_bytes=0, lock_patience_s=0)
    writer.close()
    writer.close()
    LaneWriter(tmp_path / "0", min_free_bytes=0).close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_reader_never_sees_a_block_that_is_not_synced(tmp_path: Path) -> None:
    """Between the write and the sync the block is in the file, and no reader gets it."""
    lane = tmp_path / "0"
    disk = FailingDisk()
    seen: list[int] = []
    with (
        LaneWriter(lane, segment_bytes=400, min_free_bytes=0, disk=disk) as writer,
        LaneReader(lane) as reader,
    ):
        disk.before_sync = lambda: seen.extend(number_of(one) for _, one in drain(reader))
        for number in range(20):
            writer.append(encoded(number))
            assert number not in seen
            assert seen == list(range(number))
        disk.before_sync = lambda: None
        assert [number_of(one) for _, one in drain(reader)] == [19]
