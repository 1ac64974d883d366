"""The three-year mean of annual statistics, by which HJ 663-2026 evaluates, too.

Its formula was not seen: this is an assumption, and whoever shows the result calls it so.
Tests: tests/aqi/test_three_year.py.
"""

from __future__ import annotations

from aqi.exact import Exact, mean_of_parts

MARK = "assumed"  # goes with every three-year mean


def three_year_mean(year: Exact, before: Exact, two_before: Exact) -> Exact:
    """Mean of the statistics of a year and the two before it, from their unrounded values, to be
    rounded once at the end; no value unless all three years have one (weak: assumed)."""
    return mean_of_parts((two_before, before, year))
