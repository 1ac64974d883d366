"""The fill rule of HJ/T 356-2007, which platforms still use: an option, never the default.

Tests: tests/aqi/waste_water/test_waste_water_filling.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fill(
    values: Any, valid: Any, *, median: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The values with gaps filled, and which of them are filled.

    A gap of L hours takes the mean of the L valid hours nearest before it, further back where
    those are missing themselves; pH takes the median (HJ/T 356-2007, 6.2; confirmed). What is
    filled never fills anything. A gap without L valid hours before it stays, as nan.
    """
    numbers = np.asarray(values, np.float64)
    good = np.asarray(valid, bool) & np.isfinite(numbers)
    filled = np.where(good, numbers, np.nan)
    known = numbers[good]
    before = np.cumsum(good)
    middle = np.median if median else np.mean
    for start, end in gaps(good):
        length, behind = end - start, int(before[start])
        if behind >= length:
            filled[start:end] = middle(known[behind - length : behind])
    return filled, np.isfinite(filled) & ~good


def gaps(good: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Runs that are not good, as (first, behind the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([1], good.astype(np.int8), [1]))))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
