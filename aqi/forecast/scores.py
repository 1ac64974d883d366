"""How good forecasts were, against what was measured afterwards, and against a baseline.

Arrays of any equal shape; pairs with a NaN in either are left out and counted so.
Tests: tests/aqi/forecast/test_scores.py.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from aqi.forecast.baselines import Hours

LEAST_PAIRS = 24  # with fewer nothing is said


class Score(msgspec.Struct, frozen=True):
    """``n`` pairs; errors in the unit of the values; ``r``: Pearson; None: cannot be told."""

    n: int
    mae: float | None = None
    rmse: float | None = None
    bias: float | None = None
    r: float | None = None


def score(forecast: Hours, measured: Hours) -> Score:
    """Mean absolute error, root mean square error, mean error, correlation."""
    both = np.isfinite(forecast) & np.isfinite(measured)
    n = int(both.sum())
    if n < LEAST_PAIRS:
        return Score(n)
    said, found = forecast[both], measured[both]
    error = said - found
    spread = float(said.std() * found.std())
    return Score(
        n,
        mae=float(np.abs(error).mean()),
        rmse=float(np.sqrt((error * error).mean())),
        bias=float(error.mean()),
        r=float(((said - said.mean()) * (found - found.mean())).mean() / spread)
        if spread > 0
        else None,
    )


def skill(model: Score, baseline: Score) -> float | None:
    """1 - RMSE / RMSE of the baseline: 1 is perfect, 0 is no better, below 0 is worse."""
    if model.rmse is None or not baseline.rmse:
        return None
    return 1 - model.rmse / baseline.rmse


def hit_rate(said: NDArray[np.integer], found: NDArray[np.integer]) -> float | None:
    """Share of equal codes (levels, sets of primary pollutants); codes below 0 are unknown."""
    both = (said >= 0) & (found >= 0)
    return float((said[both] == found[both]).mean()) if both.any() else None


def range_hit_rate(
    said: NDArray[np.integer], found: NDArray[np.integer], share: float = 0.25
) -> float | None:
    """Share of days whose AQI lies within the forecast's range: so much below or above it
    (practice: 0.15 to 0.25; one source). Values below 0 are unknown."""
    both = (said >= 0) & (found >= 0)
    if not both.any():
        return None
    return float((np.abs(found[both] - said[both]) <= share * said[both]).mean())
