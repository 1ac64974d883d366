"""Pages name files: those that docs/architecture.md and docs/bad-days.md name must exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
BAD_DAYS = (ROOT / "docs" / "bad-days.md").read_text(encoding="utf-8")
NAME = re.compile(r"`((?:[a-z0-9_]+/)*_?[A-Za-z0-9_]+\.(?:pyx|pxd|py|md))`")
FOLDER = re.compile(
    r"`((?:hj212d|hub|store|aqi|alerts|admin|bench|wire|journal|link|cli)/(?:[a-z_]+/)*)`"
)
ROOM_ROW = re.compile(r"^\| `([a-z_/]+/)` \| `", re.MULTILINE)


def rooms() -> list[tuple[str, str]]:
    """Room -> its row in "Where to start reading"."""
    _, _, rest = ARCHITECTURE.partition("## Where to start reading")
    rows, _, _ = rest.partition("\n## ")
    found = [(row[1], line) for line in rows.splitlines() if (row := ROOM_ROW.match(line))]
    assert len(found) > 10
    return found


def home(room: str) -> Path:
    """`hub/keys/` -> hj212d/hub/keys."""
    inside = ROOT / "hj212d" / room
    return inside if inside.is_dir() else ROOT / room


@pytest.mark.parametrize(("room", "row"), rooms())
def test_files_of_a_room(room: str, row: str) -> None:
    """They stand in that room, or in a folder of it."""
    there = {path.name for path in home(room).rglob("*.*")}
    missing = [name for name in NAME.findall(row) if Path(name).name not in there]
    assert missing == []


def test_all_other_names() -> None:
    """A path ends so somewhere in the tree; a folder is one."""
    every = [
        path.as_posix()
        for top in ("hj212d", "store", "aqi", "admin", "alerts", "bench", "tests", "docs")
        for path in (ROOT / top).rglob("*.*")
    ] + [path.as_posix() for path in ROOT.glob("*.*")]
    missing = [
        name
        for name in NAME.findall(ARCHITECTURE)
        if not any(path.endswith(f"/{name}") for path in every)
    ]
    assert missing == []
    rooms_only, _, _ = ARCHITECTURE.partition("## The data folder")
    assert [name for name in FOLDER.findall(rooms_only) if not home(name).is_dir()] == []


def test_bad_days_are_tried() -> None:
    """Each row names tests, and they exist."""
    rows = [line for line in BAD_DAYS.splitlines() if line.startswith("| ")][1:]
    for row in rows:
        named = re.findall(r"`([a-z_0-9/]+/test_[a-z0-9_]+\.py)`", row)
        assert named, row
        missing = [name for name in named if not (ROOT / "tests" / name).is_file()]
        assert missing == [], row
