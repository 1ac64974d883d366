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
def test_positions_come_back(tmp_path: Path, positions: dict[str, int]) -> None:
    """What was saved last is loaded."""
    cursors.save(tmp_path, "store", positions)
    assert cursors.load(tmp_path, "store") == positions
    assert cursors.positions(tmp_path) == {"store": positions}


def test_a_new_reader_has_read_nothing(tmp_path: Path) -> None:
    """Without a file there are no positions, and no reader."""
    assert cursors.load(tmp_path, "store") == {}
    assert cursors.positions(tmp_path) == {}


def test_every_flipped_bit_is_mended(tmp_path: Path) -> None:
    """A flipped bit neither moves a reader nor sets it back."""
    positions = {"0": 123_456_789, "1": 7}
    cursors.save(tmp_path, "store", positions)
    path = tmp_path / "cursors" / "store.json"
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        assert cursors.load(tmp_path, "store") == positions


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"\xff\xfe", b'{"lanes":{"0":5},"crc32":1}', b'{"0":5}', b'{"lanes":{"0":-5}}'],
)
def test_a_damaged_file_starts_the_reader_anew(tmp_path: Path, content: bytes) -> None:
    """It is reported, kept aside, and counts as unread until the reader saves again."""
    path = tmp_path / "cursors" / "store.json"
    path.parent.mkdir()
    path.write_bytes(content)
    assert cursors.positions(tmp_path) == {"store": {}}
    reports: list[str] = []
    assert cursors.load(tmp_path, "store", reports.append) == {}
    assert len(reports) == 1
    assert cursors.damaged(tmp_path) == [path.with_name("store.json.damaged")]
    assert cursors.damaged(tmp_path)[0].read_bytes() == content
    assert cursors.positions(tmp_path) == {"store": {}}
    cursors.save(tmp_path, "store", {"0": 9})
    assert cursors.positions(tmp_path) == {"store": {"0": 9}}
    assert cursors.load(tmp_path, "store") == {"0": 9}


@pytest.mark.parametrize("name", ["", "../store", "a/b", "a.b", "x" * 101])
def test_names_are_file_names(tmp_path: Path, name: str) -> None:
    """A name that would lead elsewhere is refused."""
    with pytest.raises(ValueError, match="no name"):
        cursors.save(tmp_path, name, {})
    with pytest.raises(ValueError, match="no name"):
        cursors.load(tmp_path, name)


def test_an_unfinished_save_is_not_seen(tmp_path: Path) -> None:
    """What a crash left beside the file changes nothing."""
    cursors.save(tmp_path, "store", {"0": 5})
    (tmp_path / "cursors" / "store.json.new").write_bytes(b'{"la')
    assert cursors.load(tmp_path, "store") == {"0": 5}
    assert cursors.positions(tmp_path) == {"store": {"0": 5}}
