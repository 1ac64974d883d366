"""Percentiles of HJ 663, appendix A."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqi.percentiles import percentile


def by_the_text(values: list[Decimal], p: int) -> Fraction:
    """The rule as it is written, in fractions."""
    ordered = [Fraction(one) for one in sorted(values)]
    k = 1 + Fraction((len(ordered) - 1) * p, 100)
    s = int(k)
    if s == len(ordered):
        return ordered[-1]
    return ordered[s - 1] + (ordered[s] - ordered[s - 1]) * (k - s)


@given(st.lists(st.decimals(0, 1000, places=1), min_size=1, max_size=60), st.integers(0, 100))
def test_as_written(values: list[Decimal], p: int) -> None:
    """Exact on decimals, whatever the number of values."""
    exact, n = percentile(np.array([float(one) for one in values]), p)
    assert n == len(values)
    assert Fraction(int(exact.num), int(exact.den)) == by_the_text(values, p)


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=60), st.integers(0, 100))
def test_as_numpy_has_it(values: list[float], p: int) -> None:
    """The rule is what numpy calls linear."""
    exact, _ = percentile(np.array(values), p)
    assert exact.values() == pytest.approx(np.percentile(values, p), abs=2e-6)


def test_a_year() -> None:
    """365 days: the 90th percentile lies 0.6 between the 328th and the 329th."""
    exact, _ = percentile(np.arange(1.0, 366.0), 90)
    assert exact.values() == 328.6


def test_gaps_and_rows() -> None:
    """What is missing in a row is left out of that row only; an empty row has no percentile."""
    rows = np.array([[3.0, np.nan, 1.0, 2.0], [np.nan] * 4, [5.0, np.nan, np.nan, np.nan]])
    exact, n = percentile(rows, 50)
    assert n.tolist() == [3, 0, 1]
    np.testing.assert_array_equal(exact.values(), [2.0, np.nan, 5.0])
    nothing, none = percentile(np.empty((2, 0)), 95)
    assert none.tolist() == [0, 0]
    assert np.isnan(nothing.values()).all()
    with pytest.raises(ValueError, match="101th"):
        percentile(rows, 101)
