"""Codes of regions as rules and incidents need them: which holds which. Pure.

A code has 2, 4, 6, 9 or 12 digits (GB/T 2260, GB/T 10114); 330100 is written for 3301, whose zeros
stand for "all below". A stem is a code without such zeros.
Tests: tests/alerts/rules/test_rule_regions.py.
"""

from __future__ import annotations

from functools import lru_cache

LEVELS = (2, 4, 6, 9, 12)
_MOST = 100_000


@lru_cache(_MOST)
def stem(code: str) -> str:
    """The digits that all codes below it share: 330100 -> 3301, 330106000 -> 330106."""
    found = code
    for above, level in zip(LEVELS[-2::-1], LEVELS[:0:-1], strict=True):
        if len(found) == level and not found[above:].strip("0"):
            found = found[:above]
    return found


def holds(region: str, code: str) -> bool:
    """Whether a region is or holds another; "" holds all, no region but that holds ""."""
    return stem(code).startswith(stem(region))


@lru_cache(_MOST)
def chain(code: str) -> tuple[str, ...]:
    """The stems of all regions that hold a code, widest first, its own last; () for none."""
    own = stem(code)
    return tuple(own[:level] for level in LEVELS if level < len(own)) + ((own,) if own else ())


def written(part: str) -> str:
    """A stem as people write it: 3301 -> 330100."""
    return part.ljust(6, "0") if part.isdigit() else part
