"""The bench of the forwarders in small: whole, with both ways in the same sink."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench import forwarding

pytestmark = pytest.mark.skipif(
    not (shutil.which("cc") or shutil.which("gcc")), reason="no C compiler"
)


def test_all_frames_arrive_both_ways(tmp_path: Path) -> None:
    """Once each, with and without answers, from two lanes."""
    result = forwarding.run(3000, 50, 1, folder=tmp_path, lanes=2)
    assert result["passed"]
    for mode in forwarding.MODES:
        assert result[mode]["whole"]
        assert result[mode]["resent"] == 0
        assert result[mode]["ratio"] > 0


def test_the_file_of_the_copy_is_the_journal_s_frames(tmp_path: Path) -> None:
    """So that both send the same bytes."""
    size = forwarding.fill(tmp_path, 20, 5, 2)
    raw = (tmp_path / "frames").read_bytes()
    assert len(raw) == size
    assert raw.count(b"##") == raw.count(b"\r\n") == 20
