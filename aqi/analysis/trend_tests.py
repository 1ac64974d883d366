"""Trends of many values: Mann-Kendall's test and the slope of Theil and Sen, by scipy.

Beside the rank correlation that HJ 663 asks for (aqi/trend.py), for months and days where that has
no critical values. Tests: tests/aqi/test_trend_tests.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from aqi.extras import needed

LEAST = 8  # values; the normal approximation of the test wants about so many
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class MonotonicTrend:
    """``p`` of Kendall's tau against no trend (two-sided); ``slope`` per unit of time with its
    95 % bounds; ``direction`` "rising" or "falling" when p is below 0.05."""

    direction: Literal["rising", "falling", "none", "too_few"]
    n: int
    tau: float
    p: float
    slope: float
    low: float
    high: float


def monotonic_trend(times: ArrayLike, values: ArrayLike) -> MonotonicTrend:
    """Mann-Kendall (as Kendall's tau of value and time, ties corrected) and Theil-Sen.

    ``times`` in any unit, years for a slope per year. NaN is left out. The test takes values as
    independent of each other: give it deseasoned months or years, not hours. ValueError when there
    are not as many times as values.
    """
    t, v = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if t.shape != v.shape:
        raise ValueError(f"times and values are not as many: {t.size} and {v.size}")
    there = ~(np.isnan(t) | np.isnan(v))
    t, v = t[there], v[there]
    if len(v) < LEAST:
        return MonotonicTrend("too_few", len(v), np.nan, np.nan, np.nan, np.nan, np.nan)
    if np.ptp(v) == 0:
        return MonotonicTrend("none", len(v), 0.0, 1.0, 0.0, 0.0, 0.0)
    stats = needed("scipy.stats")
    tau = stats.kendalltau(t, v)
    slope = stats.theilslopes(v, t, _CONFIDENCE)
    p = float(tau.pvalue)
    direction: Literal["rising", "falling", "none"] = "none"
    if p < 0.05:
        direction = "rising" if tau.statistic > 0 else "falling"
    return MonotonicTrend(
        direction,
        len(v),
        float(tau.statistic),
        p,
        float(slope[0]),
        float(slope[2]),
        float(slope[3]),
    )
