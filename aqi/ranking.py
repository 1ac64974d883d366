"""Places in order: shared ranks, and the order of change. What is ranked: `evaluation.py`.

Tests: tests/aqi/test_ranking.py.
"""

from __future__ import annotations

import numpy as np

from aqi.exact import Bools, Floats, Ints, half_even

# Keys whose greater value is the better one; of all others the smaller is.
GREATER_IS_BETTER = frozenset({"good_days"})


def ranks(values: Floats, *, greater_first: bool = False) -> Ints:
    """Competition ranks 1, 2, 2, 4 (background knowledge: what equal values share is confirmed,
    how the next rank counts is not); 0 for NaN, which is not ranked.

    Values are to be rounded as they are shown: who reads equal numbers expects equal ranks.
    """
    there = ~np.isnan(values)
    found = np.zeros(values.shape, dtype=np.int64)
    keys = -values[there] if greater_first else values[there]
    found[there] = np.searchsorted(np.sort(keys), keys, side="left") + 1
    return found


def ranks_within(values: Floats, groups: Ints, *, greater_first: bool = False) -> Ints:
    """The same (background knowledge) within each group by itself; ``groups`` is a number for
    each value."""
    found = np.zeros(values.shape, dtype=np.int64)
    for group in np.unique(groups):
        inside = groups == group
        found[inside] = ranks(values[inside], greater_first=greater_first)
    return found


def change_percent(now: Floats, before: Floats, decimals: int = 2) -> Floats:
    """(I - I_last) / I_last x 100 %, below 0 is better (change ranking of 2017, confirmed; its
    decimals background knowledge). NaN where one is missing or the earlier one is 0."""
    there = ~(np.isnan(now) | np.isnan(before)) & (before > 0)
    rate = np.full(now.shape, np.nan)
    # Of numbers of a few decimals the quotient is taken in integers: see exact.py.
    units_now = np.rint(np.where(there, now, 0) * 10_000).astype(np.int64)
    units_before = np.rint(np.where(there, before, 1) * 10_000).astype(np.int64)
    hundredths = half_even((units_now - units_before) * 100 * 10**decimals, units_before)
    rate[there] = hundredths[there] / 10**decimals
    return rate


def change_ranks(
    rate: Floats, all_items_meet: Bools, groups: Ints, *, greater_first: bool = False
) -> tuple[Ints, Ints]:
    """Ranks of change within each group, best first, and worst first; 0: not ranked.

    ``greater_first``: the greater change is the better one. Change ranking of 2017 (confirmed):
    equal rates share a rank; a place whose six items all meet class 2 is left out of the worst.
    """
    best = ranks_within(rate, groups, greater_first=greater_first)
    left = np.where(all_items_meet, np.nan, rate)
    return best, ranks_within(left, groups, greater_first=not greater_first)
