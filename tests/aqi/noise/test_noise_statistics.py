"""Energy means and percentile levels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqi.noise.statistics import (
    day_level,
    day_night_level,
    is_day,
    leq,
    leq_of_sums,
    night_level,
    percentile_levels,
)

levels = st.lists(st.floats(20, 140), min_size=1, max_size=60)


def test_leq_by_hand() -> None:
    """60 and 70 dB: 10 lg 5.5e6 = 67.4, not 65."""
    assert leq([60, 70]) == pytest.approx(67.4036, abs=1e-4)
    assert leq([60, 60]) == 60
    assert leq([60, np.nan, 300, -99]) == 60
    assert leq([]) is None


def test_leq_of_sums() -> None:
    """The same from what a store has summed."""
    found = leq_of_sums([10**6 + 10**7, 0], [2, 0])
    assert found[0] == pytest.approx(leq([60, 70]))
    assert np.isnan(found[1])


@given(levels)
def test_leq_lies_between_mean_and_loudest(each: list[float]) -> None:
    """Energy weighs the loud; the arithmetic mean is never above it."""
    found = leq(each)
    assert found is not None
    assert sum(each) / len(each) - 1e-9 <= found <= max(each) + 1e-9
    plain = 10 * math.log10(sum(10 ** (one / 10) for one in each) / len(each))
    assert found == pytest.approx(plain)


@given(levels)
def test_leq_of_parts_is_leq_of_all(each: list[float]) -> None:
    """Twice the same values change nothing, and 10 dB more are 10 dB more."""
    found = leq(each)
    assert found is not None
    assert leq(each + each) == pytest.approx(found)
    assert leq([one + 10 for one in each]) == pytest.approx(found + 10)


def test_percentile_levels() -> None:
    """L10 is what is exceeded a tenth of the time, so it is the loud one."""
    found = percentile_levels(np.arange(101))
    assert (found.l10, found.l50, found.l90, found.n) == (90, 50, 10, 101)
    assert percentile_levels([np.nan]).n == 0
    assert percentile_levels([np.nan]).l50 is None


def test_day_and_night() -> None:
    """06 to 22 is day; the limits are 16 and 8 hours."""
    hours = np.arange(24)
    assert is_day(hours).sum() == 16
    assert is_day([5, 6, 21, 22]).tolist() == [False, True, True, False]
    hourly = np.where(is_day(hours), 60.0, 50.0)
    assert day_level(hourly, hours) == 60
    assert night_level(hourly, hours) == 50
    assert day_night_level(60, 50) == pytest.approx(60)
    assert day_night_level(60, None) is None
    # 16 h of 60 and 8 h of 45, which count as 55: (16e6 + 8 * 316228) / 24
    assert day_night_level(60, 45) == pytest.approx(58.8766, abs=1e-4)
