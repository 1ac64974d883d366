"""Each file names the tests that cover it: the names must be true, and stand for one file each."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("hj212d", "store", "aqi", "admin", "alerts", "bench")
NAMED = re.compile(r"\b(?:tests/(?:[a-z]+/)*)?test_[a-z0-9_]+\.py\b")


def test_tests_that_are_named_exist() -> None:
    """A reader who follows a name finds the file."""
    known = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
    named = [
        (path.relative_to(ROOT), name)
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
    ]
    missing = [
        f"{path}: {name}"
        for path, name in named
        if (name.startswith("tests/") and not (ROOT / name).is_file())
        or name.rpartition("/")[2] not in known
    ]
    assert named
    assert missing == []


def test_no_two_tests_have_one_name() -> None:
    """They are modules of one name to who collects them: the whole suite would not begin."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
