"""The fill rule of 2007."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aqi.waste_water.filling import fill, gaps


def test_a_gap_takes_as_many_hours_before_it() -> None:
    """Two lost hours: the mean of the two before them."""
    values = [10, 20, 30, np.nan, np.nan, 60]
    filled, which = fill(values, np.isfinite(values))
    assert filled.tolist() == [10, 20, 30, 25, 25, 60]
    assert which.tolist() == [False, False, False, True, True, False]


def test_further_back_where_those_are_missing_and_never_from_filled() -> None:
    """The second gap of two reaches over the first."""
    values = [10, 20, np.nan, 30, np.nan, np.nan]
    filled, _ = fill(values, np.isfinite(values))
    assert filled.tolist() == [10, 20, 20, 30, 25, 25]


def test_ph_takes_the_median() -> None:
    """One odd value does not move it."""
    values = [7.0, 7.1, 9.9, np.nan, np.nan, np.nan]
    filled, _ = fill(values, np.isfinite(values), median=True)
    assert filled.tolist()[3:] == [7.1, 7.1, 7.1]


def test_too_little_before_it_stays_a_gap() -> None:
    """Nothing is invented."""
    filled, which = fill([np.nan, 10, np.nan, np.nan], [False, True, False, False])
    assert np.isnan(filled[[0, 2, 3]]).all()
    assert not which.any()


@given(st.lists(st.booleans(), max_size=50))
def test_gaps_are_what_is_not_good(good: list[bool]) -> None:
    """Runs cover exactly the hours that are not good, and do not touch."""
    runs = gaps(np.array(good, bool))
    inside = [hour for start, end in runs for hour in range(start, end)]
    assert inside == [hour for hour, each in enumerate(good) if not each]
    assert all(one[1] < other[0] for one, other in pairwise(runs))
