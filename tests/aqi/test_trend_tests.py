"""Mann-Kendall and Theil-Sen against brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from aqi.analysis.trend_tests import monotonic_trend

RANDOM = np.random.default_rng(5)
YEARS = np.arange(60) / 12


def test_slope_is_the_median_of_all_slopes() -> None:
    """And tau the balance of rising and falling pairs."""
    values = 50 - 3 * YEARS + RANDOM.normal(0, 1, 60)
    found = monotonic_trend(YEARS, values)
    pairs = [(values[b] - values[a], YEARS[b] - YEARS[a]) for a, b in combinations(range(60), 2)]
    assert found.slope == pytest.approx(np.median([rise / time for rise, time in pairs]))
    assert found.tau == pytest.approx(sum(np.sign(rise) for rise, _ in pairs) / len(pairs))
    assert found.direction == "falling"
    assert found.low < -3 < found.high


def test_by_hand_with_ties() -> None:
    """1 2 2 3 5 4 6 8: 27 pairs rise or fall, 26 up and 1 down. S = 25, its variance (8 x 7 x 21
    - 2 x 1 x 9) / 18 = 64.33, Z = 24 / 8.0208 = 2.992, p = 0.00277."""
    found = monotonic_trend(np.arange(8), [1, 2, 2, 3, 5, 4, 6, 8])
    assert found.tau == pytest.approx(25 / np.sqrt(27 * 28))
    assert found.p == pytest.approx(0.00277, abs=1e-5)
    assert found.slope == 1  # of 28 slopes the 13th to the 21st are 1


def test_bounds_are_those_of_sen() -> None:
    """As scipy has them."""
    for values in (RANDOM.normal(0, 1, 60), np.round(RANDOM.normal(0, 1, 60) + YEARS)):
        found = monotonic_trend(YEARS, values)
        other = stats.theilslopes(values, YEARS, 0.95)
        assert (found.low, found.high) == pytest.approx((other.low_slope, other.high_slope))


def test_noise_and_flat_series_have_none() -> None:
    """A trend must be more than chance."""
    assert monotonic_trend(YEARS, np.tile([1.0, 2.0, 3.0], 20)).direction == "none"
    flat = monotonic_trend(YEARS, np.full(60, 7.0))
    assert (flat.direction, flat.slope, flat.p) == ("none", 0.0, 1.0)


def test_few_and_missing_values() -> None:
    """Seven values are no series; missing ones do not count."""
    values = np.arange(10.0)
    values[:3] = np.nan
    found = monotonic_trend(np.arange(10), values)
    assert (found.direction, found.n) == ("too_few", 7)
    assert np.isnan(found.slope)
    assert monotonic_trend(np.arange(10), np.arange(10)).direction == "rising"
    with pytest.raises(ValueError, match="not as many"):
        monotonic_trend([1, 2], [1])
