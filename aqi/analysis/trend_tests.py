"""Trends of many values: Mann-Kendall's test and the slope of Theil and Sen.

Beside the rank correlation that HJ 663 asks for (aqi/trend.py), for months and years. Every pair
is looked at, so it is for hundreds of values, not for hours. Tests: tests/aqi/test_trend_tests.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEAST = 8  # values; the normal approximation of the test wants about so many
_CHANCE = 0.05
_Z = 1.959963984540054  # of a normal distribution, 95 % on two sides


@dataclass(frozen=True)
class MonotonicTrend:
    """``p`` of the test against no trend (two-sided); ``slope`` per unit of time with its 95 %
    bounds, ``start`` the height of its line at time 0; ``direction`` "rising" or "falling" when p
    is below 0.05."""

    direction: Literal["rising", "falling", "none", "too_few"]
    n: int
    tau: float
    p: float
    slope: float
    low: float
    high: float
    start: float


def monotonic_trend(times: ArrayLike, values: ArrayLike) -> MonotonicTrend:
    """Mann-Kendall (tau-b, variance corrected for ties, continuity by one) and Theil-Sen (bounds
    by Sen 1968); textbook forms, background knowledge.

    ``times`` in any unit, all different, years for a slope per year. NaN is left out. The test
    takes values as independent of each other: give it deseasoned months or years, not hours.
    ValueError when there are not as many times as values.
    """
    t, v = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if t.shape != v.shape:
        raise ValueError(f"times and values are not as many: {t.size} and {v.size}")
    there = ~(np.isnan(t) | np.isnan(v))
    t, v = t[there], v[there]
    n = len(v)
    if n < LEAST:
        return MonotonicTrend("too_few", n, *[np.nan] * 6)
    if np.ptp(v) == 0:
        return MonotonicTrend("none", n, 0.0, 1.0, 0.0, 0.0, 0.0, float(v[0]))
    first, second = np.triu_indices(n, 1)
    rise, time = v[second] - v[first], t[second] - t[first]
    balance = float(np.sum(np.sign(rise) * np.sign(time)))
    spread = math.sqrt(_variance(v))
    z = max(0.0, abs(balance) - 1) / spread
    p = math.erfc(z / math.sqrt(2))
    slopes = np.sort(rise / time)
    slope = float(np.median(slopes))
    low, high = _bounds(slopes, spread)
    direction: Literal["rising", "falling", "none"] = "none"
    if p < _CHANCE:
        direction = "rising" if balance > 0 else "falling"
    untied = math.sqrt(float(np.sum(rise != 0)) * len(rise))
    start = float(np.median(v - slope * t))
    return MonotonicTrend(direction, n, balance / untied, p, slope, low, high, start)


def _variance(values: NDArray[np.float64]) -> float:
    """Of the balance of rising and falling pairs, if there is no trend."""
    n = len(values)
    ties = np.unique(values, return_counts=True)[1]
    return float(n * (n - 1) * (2 * n + 5) - np.sum(ties * (ties - 1) * (2 * ties + 5))) / 18


def _bounds(slopes: NDArray[np.float64], spread: float) -> tuple[float, float]:
    """The slopes as many ranks from the middle as chance may move it."""
    count = len(slopes)
    low = max(0, round((count - _Z * spread) / 2) - 1)
    high = min(count - 1, round((count + _Z * spread) / 2))
    return float(slopes[low]), float(slopes[high])
