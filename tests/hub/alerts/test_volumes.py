"""Disks are asked once each, whatever folders are on them."""

from __future__ import annotations

from pathlib import Path

from hj212d.hub.alerts.volumes import volumes


def test_one_for_each_disk(tmp_path: Path) -> None:
    """Two folders of one disk, and one that is not there."""
    (tmp_path / "journal").mkdir()
    (found,) = volumes([tmp_path / "journal", tmp_path, tmp_path / "nowhere"])
    assert found.folder == str(tmp_path / "journal")
    assert 0 < found.free <= found.total
