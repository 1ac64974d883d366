"""Statistics of sound levels: every mean is one of energy, never of decibels.

nan is no value. Tests: tests/aqi/noise/test_noise_statistics.py.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

DAY_HOURS = 16
NIGHT_HOURS = 8
NIGHT_PENALTY_DB = 10.0
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


def leq(levels: Any) -> float | None:
    """Leq = 10 lg(mean of 10^(0.1 L)), dB (GB 3096-2008, 3.2; background knowledge). None without
    a value."""
    values = usable(levels)
    if not values.size:
        return None
    # By the loudest: 10^(0.1 L) of it is 1, so that nothing overflows and little is lost.
    top = float(values.max())
    return top + 10 * math.log10(float(np.mean(10 ** ((values - top) / 10))))


def leq_of_sums(energy: Any, count: Any) -> NDArray[np.float64]:
    """The same from sums of 10^(0.1 L) and their counts (GB 3096-2008, 3.2; background
    knowledge); nan without any."""
    sums, n = np.asarray(energy, np.float64), np.asarray(count, np.float64)
    good = (n > 0) & (sums > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(good, 10 * np.log10(sums / n), np.nan)


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


def day_level(hourly: Any, hour: Any, day_from: int = 6, day_to: int = 22) -> float | None:
    """Ld: energy mean of the hourly Leq of the day (GB 3096-2008, 3.6; background knowledge)."""
    levels = np.asarray(hourly, np.float64)
    return leq(levels[is_day(hour, day_from, day_to)])


def night_level(hourly: Any, hour: Any, day_from: int = 6, day_to: int = 22) -> float | None:
    """Ln: the same of the night (GB 3096-2008; background knowledge)."""
    levels = np.asarray(hourly, np.float64)
    return leq(levels[~is_day(hour, day_from, day_to)])


def day_night_level(
    day: float | None,
    night: float | None,
    day_hours: int = DAY_HOURS,
    night_hours: int = NIGHT_HOURS,
) -> float | None:
    """Ldn = 10 lg[(16 10^(0.1 Ld) + 8 10^(0.1 (Ln+10)))/24] (background knowledge). None when
    either is missing."""
    if day is None or night is None:
        return None
    energy = day_hours * 10 ** (day / 10) + night_hours * 10 ** ((night + NIGHT_PENALTY_DB) / 10)
    return 10 * math.log10(energy / (day_hours + night_hours))
