"""The three-year mean of annual statistics, by which HJ 663-2026 evaluates, too.

Its formula was not seen: this is an assumption, and whoever shows the result calls it so.
Tests: tests/aqi/test_three_year.py.
"""

from __future__ import annotations

import numpy as np

from aqi.exact import MILLION, Exact, millionths

MARK = "assumed"  # goes with every three-year mean


def three_year_mean(year: Exact, before: Exact, two_before: Exact) -> Exact:
    """Mean of the statistics of a year and the two before it, from their unrounded values, to be
    rounded once at the end; no value unless all three years have one (weak: assumed)."""
    parts = [one.values() for one in (two_before, before, year)]
    units, there = zip(*(millionths(part) for part in parts), strict=True)
    every = np.logical_and.reduce(there)
    return Exact(np.sum(units, axis=0), np.where(every, len(parts) * MILLION, 0))
