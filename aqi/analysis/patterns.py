"""How values go through the day, the week and the year: statistics by hour, weekday and month.

Hours are those people see: label 1 to 24 of Beijing time, the end of the hour. China has had no
summer time since 1991, so every day counted here has 24. Tests: tests/aqi/test_patterns.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Keys = NDArray[np.int64]
Cycle = Literal["hour", "weekday", "month", "weekhour"]

_BEIJING = np.timedelta64(8, "h")
_MONDAY = 3  # 1970-01-01 was a Thursday
# Keys of each cycle: hours 1 to 24; Monday 1 to Sunday 7; months; hours of the week 1 to 168.
SPANS: dict[Cycle, tuple[int, int]] = {
    "hour": (1, 24),
    "weekday": (1, 7),
    "month": (1, 12),
    "weekhour": (1, 168),
}


@dataclass(frozen=True)
class Pattern:
    """One entry a key of the cycle, those without values too: ``n`` 0 and NaN.

    ``low`` and ``high`` are the quartiles (linear between ranks, as HJ 663 takes percentiles).
    """

    cycle: Cycle
    keys: Keys
    n: Keys
    mean: Floats
    median: Floats
    low: Floats
    high: Floats


def keys_of(starts: ArrayLike, cycle: Cycle) -> Keys:
    """The key of each period by its UTC start (numpy datetime64)."""
    local = np.asarray(starts, dtype="datetime64[us]") + _BEIJING
    days = local.astype("datetime64[D]")
    hour: Keys = ((local - days) // np.timedelta64(1, "h")).astype(np.int64) + 1
    weekday: Keys = (days.astype(np.int64) + _MONDAY) % 7 + 1
    if cycle == "hour":
        return hour
    if cycle == "weekday":
        return weekday
    if cycle == "month":
        return np.asarray(local.astype("datetime64[M]").astype(np.int64) % 12 + 1)
    return np.asarray((weekday - 1) * 24 + hour)


def pattern(starts: ArrayLike, values: ArrayLike, cycle: Cycle) -> Pattern:
    """Statistics of values by the key of their period's start (UTC); NaN and negative left out.

    ValueError when there are not as many values as starts.
    """
    given = np.asarray(values, dtype=np.float64)
    keys = keys_of(starts, cycle)
    if given.shape != keys.shape:
        raise ValueError(f"values and starts are not as many: {given.size} and {keys.size}")
    first, last = SPANS[cycle]
    every = np.arange(first, last + 1)
    made = np.full((4, len(every)), np.nan)
    counts = np.zeros(len(every), dtype=np.int64)
    there = given >= 0
    given, keys = given[there], keys[there]
    order = np.argsort(keys, kind="stable")
    given, keys = given[order], keys[order]
    borders = np.searchsorted(keys, np.append(every, last + 1))
    for place, (a, b) in enumerate(pairwise(borders)):
        counts[place] = b - a
        if b > a:
            piece = given[a:b]
            made[0, place] = piece.mean()
            made[1:, place] = np.percentile(piece, (50, 25, 75))
    return Pattern(cycle, every, counts, made[0], made[1], made[2], made[3])


def patterns(
    starts: ArrayLike, values: Mapping[str, ArrayLike], cycle: Cycle
) -> dict[str, Pattern]:
    """The pattern of each pollutant over the same periods."""
    return {what: pattern(starts, one, cycle) for what, one in values.items()}
