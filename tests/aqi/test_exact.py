"""Means and quotients of many decimals, without binary dust."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aqi.exact import Exact, half_even, mean, mean_of_parts, millionths

READINGS = st.lists(st.one_of(st.none(), st.decimals(0, 2000, places=3)), min_size=1, max_size=40)


@given(READINGS, st.integers(0, 3))
def test_means_round_like_fractions(readings: list[Decimal | None], decimals: int) -> None:
    """A mean is that of the decimals as they read, rounded once, half to even."""
    values = np.array([np.nan if one is None else float(one) for one in readings])
    exact, n = mean(values)
    there = [Fraction(one) for one in readings if one is not None]
    assert n == len(there)
    found = float(exact.rounded(decimals))
    if not there:
        assert np.isnan(found)
        return
    whole = round(sum(there) / len(there) * 10**decimals)  # a fraction rounds half to even
    assert found == float(Decimal(whole).scaleb(-decimals))


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_quotients(num: int, den: int) -> None:
    """Integers divide like decimals of any length, half to even, on both sides of zero."""
    assert half_even(np.array(num), den) == round(Fraction(num, den))


def test_what_is_no_value() -> None:
    """NaN, infinity and the absurd are left out, not summed."""
    units, there = millionths(np.array([1.5, np.nan, np.inf, -np.inf, 1e8, 0.0]))
    assert there.tolist() == [True, False, False, False, False, True]
    assert units.tolist() == [1_500_000, 0, 0, 0, 0, 0]


def test_a_tie_that_floats_miss() -> None:
    """0.835 as a float is a little less; its text is the tie."""
    exact, _ = mean(np.array([0.835]))
    assert exact.rounded(2) == float(Decimal("0.835").quantize(Decimal("0.01"), ROUND_HALF_EVEN))
    nothing = Exact(np.array([0]), np.array([0]))
    assert np.isnan(nothing.values()).all()
    assert np.isnan(nothing.rounded(1)).all()


MONTH = st.lists(st.decimals(0, 500, places=1), min_size=25, max_size=31)


@given(st.lists(MONTH, min_size=1, max_size=12), st.integers(0, 3))
def test_means_of_means_round_once(months: list[list[Decimal]], decimals: int) -> None:
    """A mean of month means is that of fractions: 1/3 of a day is not rounded on the way."""
    parts = [mean(np.array([[float(day) for day in month]]))[0] for month in months]
    found = float(mean_of_parts(parts).rounded(decimals)[0])
    each = [sum(map(Fraction, month)) / len(month) for month in months]
    whole = round(sum(each) / len(each) * 10**decimals)
    assert found == float(Decimal(whole).scaleb(-decimals))


def test_a_mean_of_means_that_is_a_tie() -> None:
    """35 1/3 twice and 35 5/6 are 35.5; a place that lacks one has none."""
    thirds = [[35.0, 35.0, 36.0], [35.0, 35.0, 36.0], [35.0, 36.0, 36.5]]
    parts = [mean(np.array([one, [1.0, 2.0, 3.0]]))[0] for one in thirds]
    assert mean_of_parts(parts).rounded(0).tolist() == [36.0, 2.0]
    gone = Exact(parts[0].num, np.array([3_000_000, 0]))
    np.testing.assert_array_equal(mean_of_parts([gone, *parts[1:]]).rounded(0), [36.0, np.nan])
