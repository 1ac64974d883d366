"""Codes of regions as a tree: 33 holds 3301, which holds 330106. Pure.

A code has 2, 4, 6, 9 or 12 digits (GB/T 2260, GB/T 10114); people write 330000 and 330100, whose
zeros stand for "all below". Tests: tests/hub/quality/test_places_asked.py.
"""

from __future__ import annotations

from collections.abc import Iterable

LEVELS = (2, 4, 6, 9, 12)
_WRITTEN = 6


def stem(code: str) -> str:
    """The digits that all codes below it share: 330100 -> 3301, 330106000 -> 330106."""
    found = code
    for level in reversed(LEVELS[1:]):
        above = LEVELS[LEVELS.index(level) - 1]
        if len(found) == level and not found[above:].strip("0"):
            found = found[:above]
    return found


def written(part: str) -> str:
    """A stem as people write it: 3301 -> 330100."""
    return part.ljust(_WRITTEN, "0") if part.isdigit() else part


def above(part: str) -> str:
    """The stem one level up; "" above the first level."""
    return part[: max((level for level in LEVELS if level < len(part)), default=0)]


def below(part: str, codes: Iterable[str]) -> list[str]:
    """The stems one level below a stem ("": the top) that hold any of the codes, in order.

    Codes that are no longer than the stem lie in it, but below nothing.
    """
    length = next((level for level in LEVELS if level > len(part)), None)
    if length is None:
        return []
    stems = {stem(code) for code in codes if code.startswith(part)}
    return sorted({one[:length] for one in stems if len(one) >= length})


def common(codes: Iterable[str]) -> str:
    """The stem of the smallest region that holds all codes; "" when there is none."""
    stems = [stem(code) for code in codes]
    shortest = min(stems, key=len, default="")
    shared = [level for level in LEVELS if level <= len(shortest)]
    same = [level for level in shared if len({one[:level] for one in stems}) == 1]
    return shortest[: max(same, default=0)]
