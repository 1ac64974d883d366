"""The name of a journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from hj212d.journal.identity import FILE, identity
from hj212d.journal.lanes import lanes


def test_a_name_is_made_once(tmp_path: Path) -> None:
    """The same folder has the same name for ever; another one has another."""
    folder = tmp_path / "journal"
    name = identity(folder)
    assert len(name) == 16
    assert identity(folder) == name
    assert identity(tmp_path / "other") != name
    assert [path.name for path in folder.iterdir()] == [FILE]


def test_a_name_is_no_lane(tmp_path: Path) -> None:
    """Who lists lanes does not meet it."""
    identity(tmp_path)
    assert lanes(tmp_path) == []


def test_something_else_in_its_place_is_refused(tmp_path: Path) -> None:
    """A damaged name is not taken for a new journal: its rows would be stored again."""
    (tmp_path / FILE).write_text("?")
    with pytest.raises(ValueError, match="no name of a journal"):
        identity(tmp_path)
