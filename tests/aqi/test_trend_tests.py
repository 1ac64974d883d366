"""Mann-Kendall and Theil-Sen against brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

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
