"""A set of instants, covered by a few narrow ranges.

A look-up in a large table is cheap when its bounds are narrow. One clock that runs in 1970 or
2099, or one device that sends last month's data, must not widen the bounds for all the others:
the instants are split at their widest gaps. Tests: tests/store/test_time_ranges.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest
from itertools import pairwise

HOUR_US = 3_600_000_000


def ranges(
    instants_us: Iterable[int], gap_us: int = HOUR_US, at_most: int = 8
) -> list[tuple[int, int]]:
    """Ranges (first, last), both included, that hold every instant; ascending.

    Split where neighbours are more than ``gap_us`` apart, at the ``at_most - 1`` widest of these
    gaps. Nothing for nothing.
    """
    ordered = sorted(set(instants_us))
    if not ordered:
        return []
    gaps = (
        (after - before, at)
        for at, (before, after) in enumerate(pairwise(ordered), start=1)
        if after - before > gap_us
    )
    starts = [0, *sorted(at for _, at in nlargest(at_most - 1, gaps))]
    ends = [*starts[1:], len(ordered)]
    return [(ordered[start], ordered[end - 1]) for start, end in zip(starts, ends, strict=True)]
