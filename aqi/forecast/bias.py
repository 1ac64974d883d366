"""What a numerical model says at a station, brought to what the station measures.

Fitted on past pairs of one station and pollutant, applied to the coming days. Two ways: a line in
logarithms, drawn towards "no correction" while pairs are few; and mapping of quantiles, which
mends the spread as well but wants months. Tests: tests/aqi/forecast/test_bias.py.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from aqi.forecast.baselines import Hours

Method = Literal["line", "quantiles"]

LEAST_PAIRS = {"line": 48, "quantiles": 720}
_PRIOR_PAIRS = 48.0
_QUANTILES = np.linspace(0.01, 0.99, 99)
_LARGEST_FACTOR = 10.0


class Correction(msgspec.Struct, frozen=True):
    """Fitted; ``method`` "none" when there were too few pairs. ``n``: pairs it was fitted on."""

    method: Literal["none", "line", "quantiles"]
    n: int
    offset: float = 0.0  # of the line, in logarithms
    slope: float = 1.0
    said: tuple[float, ...] = ()  # quantiles of the model and of the station
    found: tuple[float, ...] = ()

    def apply(self, forecast: Hours) -> Hours:
        """The corrected forecast: never negative, never more than ten times or less than a tenth
        of what the model said. NaN stays NaN."""
        if self.method == "none":
            return forecast
        if self.method == "line":
            corrected = np.expm1(self.offset + self.slope * np.log1p(forecast))
        else:
            corrected = _mapped(forecast, np.array(self.said), np.array(self.found))
        low, high = forecast / _LARGEST_FACTOR, forecast * _LARGEST_FACTOR
        return np.clip(np.maximum(corrected, 0.0), low, high)


def fit(said: Hours, found: Hours, method: Method = "line") -> Correction:
    """From pairs of the model's and the station's values; pairs with a NaN or a negative value
    are left out. Quantiles fall back to the line while they have too few pairs."""
    both = np.isfinite(said) & np.isfinite(found) & (said >= 0) & (found >= 0)
    n = int(both.sum())
    said, found = said[both], found[both]
    if method == "quantiles" and n >= LEAST_PAIRS["quantiles"]:
        return Correction(
            "quantiles",
            n,
            said=tuple(np.quantile(said, _QUANTILES).tolist()),
            found=tuple(np.quantile(found, _QUANTILES).tolist()),
        )
    if n < LEAST_PAIRS["line"]:
        return Correction("none", n)
    offset, slope = _line(np.log1p(said), np.log1p(found))
    return Correction("line", n, offset=offset, slope=slope)


def _line(said: Hours, found: Hours) -> tuple[float, float]:
    """Ridge regression towards offset 0 and slope 1."""
    middle = said.mean()
    x, y = said - middle, found - said
    spread = float((x * x).sum())
    slope = 1 + float((x * (y - y.mean())).sum()) / (spread + _PRIOR_PAIRS * max(x.var(), 1e-9))
    shift = float(y.sum()) / (len(y) + _PRIOR_PAIRS)
    slope = min(max(slope, 0.0), 2.0)
    return shift + middle - slope * middle, slope


def _mapped(forecast: Hours, said: Hours, found: Hours) -> Hours:
    """Beyond the outermost quantiles their ratio holds."""
    inside = np.interp(forecast, said, found)
    below = forecast * (found[0] / said[0] if said[0] > 0 else 1.0)
    above = forecast * (found[-1] / said[-1] if said[-1] > 0 else 1.0)
    mapped = np.where(forecast < said[0], below, np.where(forecast > said[-1], above, inside))
    return np.where(np.isfinite(forecast), mapped, np.nan)
