"""The durable mark (hj212d/journal/mark.py)."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from failing_disk import FailingDisk

from hj212d.journal.disk import Disk
from hj212d.journal.mark import DurableMark, read_mark


def test_a_published_offset_is_seen_at_once_and_stays(tmp_path: Path) -> None:
    """Readers see each value while the writer lives, and the last one afterwards."""
    path = tmp_path / "durable"
    assert read_mark(path) is None
    mark = DurableMark(path, Disk())
    assert read_mark(path) == 0
    for offset in (1, 2**40, 2**63):
        mark.publish(offset)
        assert read_mark(path) == offset
    mark.close()
    again = DurableMark(path, Disk())
    assert read_mark(path) == 2**63
    again.close()


def test_any_flipped_bit_makes_it_no_mark(tmp_path: Path) -> None:
    """Unequal halves are not believed."""
    path = tmp_path / "durable"
    mark = DurableMark(path, Disk())
    mark.publish(123_456_789)
    mark.close()
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        assert read_mark(path) is None


@pytest.mark.parametrize("content", [b"", b"12345678", b"x" * 17])
def test_a_file_of_another_size_is_made_anew(tmp_path: Path, content: bytes) -> None:
    """What is not a mark becomes one."""
    path = tmp_path / "durable"
    path.write_bytes(content)
    mark = DurableMark(path, Disk())
    mark.publish(7)
    mark.close()
    assert read_mark(path) == 7
    assert path.stat().st_size == 16


def test_a_full_disk_leaves_no_mapping_behind(tmp_path: Path) -> None:
    """When the file cannot be made the error comes out, and it can be tried again."""
    disk = FailingDisk()
    disk.plan["write"] = [errno.ENOSPC]
    path = tmp_path / "durable"
    with pytest.raises(OSError, match="No space"):
        DurableMark(path, disk)
    assert read_mark(path) is None
    DurableMark(path, disk).close()
    assert read_mark(path) == 0
