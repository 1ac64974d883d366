"""How wrong a map is: each station left out in turn and compared with what the others say of it.

Shown with every map. At the rim the others extrapolate, so the error there is that of a map
without its rim. Tests: tests/aqi/test_map_scoring.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """In the unit of the values; ``bias`` is said minus measured; NaN without two stations."""

    n: int
    rmse: float
    mae: float
    bias: float

    def as_json(self) -> dict[str, float | int | None]:
        """None where there is no number."""
        return {
            "n": self.n,
            "rmse": _number(self.rmse),
            "mae": _number(self.mae),
            "bias": _number(self.bias),
        }


def score(measured: Floats, said: Floats) -> Score:
    """Root mean square, mean absolute and mean error over the stations that have both."""
    both = ~(np.isnan(measured) | np.isnan(said))
    error = said[both] - measured[both]
    if error.size == 0:
        return Score(0, np.nan, np.nan, np.nan)
    return Score(
        int(error.size),
        float(np.sqrt(np.mean(error**2))),
        float(np.mean(np.abs(error))),
        float(np.mean(error)),
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)
