"""The page of quirks names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from hj212d.wire.tolerances import Tolerance

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "quirks.md").read_text("utf-8")


def test_every_quirk_has_a_line() -> None:
    """A1-A16, B1-B8, C1-C3, D1-D12, E1-E13, F1-F5, G1-G13, each once."""
    numbers = re.findall(r"^\| ([A-G]\d+) \|", PAGE, re.MULTILINE)
    wanted = [
        f"{letter}{number}"
        for letter, count in zip("ABCDEFG", (16, 8, 3, 12, 13, 5, 13), strict=True)
        for number in range(1, count + 1)
    ]
    assert numbers == wanted


def test_every_switch_is_explained() -> None:
    """No tolerance is missing on the page."""
    assert [one.labels[0] for one in Tolerance if f"`{one.labels[0]}`" not in PAGE] == []


def test_files_that_are_named_exist() -> None:
    """A reader who follows a name finds the file."""
    for name in set(re.findall(r"`([a-z0-9_]+\.py)`", PAGE)):
        places = (ROOT / "hj212d" / "wire" / name, ROOT / "tests" / "wire" / name)
        assert any(place.is_file() for place in places), name
