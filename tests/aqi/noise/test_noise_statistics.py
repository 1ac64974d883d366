"""Levels that are exceeded, and the hours of the day."""

from __future__ import annotations

import numpy as np

from aqi.noise.statistics import is_day, percentile_levels


def test_percentile_levels() -> None:
    """L10 is what is exceeded a tenth of the time, so it is the loud one."""
    found = percentile_levels(np.arange(101))
    assert (found.l10, found.l50, found.l90, found.n) == (90, 50, 10, 101)
    assert percentile_levels([np.nan]).n == 0
    assert percentile_levels([np.nan]).l50 is None


def test_day_and_night() -> None:
    """06 to 22 is day."""
    hours = np.arange(24)
    assert is_day(hours).sum() == 16
    assert is_day([5, 6, 21, 22]).tolist() == [False, True, True, False]
