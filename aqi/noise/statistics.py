"""Levels that are exceeded so much of the time, and which hours are day.

Means of energy are those of aqi/means/. nan is no value.
Tests: tests/aqi/noise/test_noise_statistics.py.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

LEAST_DB, MOST_DB = -20.0, 200.0  # what a sound level can be; the rest is no value


class Percentiles(msgspec.Struct, frozen=True):
    """Levels exceeded during 10, 50 and 90 % of the time; n values."""

    l10: float | None
    l50: float | None
    l90: float | None
    n: int


def usable(levels: Any) -> NDArray[np.float64]:
    """The levels that are ones: finite and between -20 and 200 dB."""
    values = np.asarray(levels, np.float64).ravel()
    found: NDArray[np.float64] = values[(values >= LEAST_DB) & (values <= MOST_DB)]
    return found


def percentile_levels(levels: Any) -> Percentiles:
    """L10, L50, L90 from readings at equal distances in time (GB 3096-2008, 3.5; background
    knowledge): of n sorted from loud to soft that of rank n p, between two ranks the line."""
    values = usable(levels)
    if not values.size:
        return Percentiles(None, None, None, 0)
    l10, l50, l90 = (float(each) for each in np.percentile(values, (90, 50, 10)))
    return Percentiles(l10, l50, l90, values.size)


def is_day(hour: Any, day_from: int = 6, day_to: int = 22) -> NDArray[np.bool_]:
    """Whether hours of the day (0 to 23, where they begin) belong to the day: 6 to 22 unless the
    local government says otherwise (GB 3096-2008, 3.6; one source)."""
    begins = np.asarray(hour)
    return (begins >= day_from) & (begins < day_to)
