"""Readers' positions on disk (hj212d/journal/cursors.py)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hj212d.journal import cursors

lanes = st.dictionaries(st.text("0123456789", min_size=1, max_size=3), st.integers(0, 2**63 - 1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(lanes)
def test_positions_come_back(memory_path: Path, positions: dict[str, int]) -> None:
    """What was saved last is loaded."""
    cursors.save(memory_path, "store", positions)
    assert cursors.load(memory_path, "store") == positions
    assert cursors.positions(memory_path) == {"store": positions}


def test_a_new_reader_has_read_nothing(memory_path: Path) -> None:
    """Without a file there are no positions, and no reader."""
    assert cursors.load(memory_path, "store") == {}
    assert cursors.positions(memory_path) == {}


def test_every_flipped_bit_is_mended(memory_path: Path) -> None:
    """A flipped bit neither moves a reader nor sets it back."""
    positions = {"0": 123_456_789, "1": 7}
    cursors.save(memory_path, "store", positions)
    path = memory_path / "cursors" / "store.json"
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        assert cursors.load(memory_path, "store") == positions


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"\xff\xfe", b'{"lanes":{"0":5},"crc32":1}', b'{"0":5}', b'{"lanes":{"0":-5}}'],
)
def test_a_damaged_file_starts_the_reader_anew(memory_path: Path, content: bytes) -> None:
    """It is reported, kept aside, and counts as unread until the reader saves again."""
    path = memory_path / "cursors" / "store.json"
    path.parent.mkdir()
    path.write_bytes(content)
    assert cursors.positions(memory_path) == {"store": {}}
    reports: list[str] = []
    assert cursors.load(memory_path, "store", reports.append) == {}
    assert len(reports) == 1
    assert cursors.damaged(memory_path) == [path.with_name("store.json.damaged")]
    assert cursors.damaged(memory_path)[0].read_bytes() == content
    assert cursors.positions(memory_path) == {"store": {}}
    cursors.save(memory_path, "store", {"0": 9})
    assert cursors.positions(memory_path) == {"store": {"0": 9}}
    assert cursors.load(memory_path, "store") == {"0": 9}


@pytest.mark.parametrize("name", ["", "../store", "a/b", "a.b", "x" * 101])
def test_names_are_file_names(memory_path: Path, name: str) -> None:
    """A name that would lead elsewhere is refused."""
    with pytest.raises(ValueError, match="no name"):
        cursors.save(memory_path, name, {})
    with pytest.raises(ValueError, match="no name"):
        cursors.load(memory_path, name)


def test_an_unfinished_save_is_not_seen(memory_path: Path) -> None:
    """What a crash left beside the file changes nothing."""
    cursors.save(memory_path, "store", {"0": 5})
    (memory_path / "cursors" / "store.json.new").write_bytes(b'{"la')
    assert cursors.load(memory_path, "store") == {"0": 5}
    assert cursors.positions(memory_path) == {"store": {"0": 5}}
