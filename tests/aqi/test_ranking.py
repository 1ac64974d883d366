"""Shared ranks, and the order of change."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aqi.ranking import change_percent, change_ranks, ranks, ranks_within

NAN = float("nan")


def test_shared_ranks() -> None:
    """1, 2, 2, 4; what has no value has no rank."""
    values = np.array([3.14, 1.73, 3.14, 4.0, NAN])
    assert ranks(values).tolist() == [2, 1, 2, 4, 0]
    assert ranks(values, greater_first=True).tolist() == [2, 4, 2, 1, 0]
    assert ranks(np.array([])).tolist() == []


@given(st.lists(st.integers(0, 20), max_size=40))
def test_rank_counts_the_better(values: list[int]) -> None:
    """A rank is one more than the number of places that are better."""
    found = ranks(np.array(values, dtype=np.float64))
    assert found.tolist() == [1 + sum(other < one for other in values) for one in values]


def test_within_groups() -> None:
    """Each region begins with 1."""
    values = np.array([3.0, 1.0, 2.0, 2.0, NAN])
    groups = np.array([7, 7, 5, 5, 5])
    assert ranks_within(values, groups).tolist() == [2, 1, 1, 1, 0]


def test_change() -> None:
    """By hand: 3.14 after 3.50 is -10.29 %; nothing without a value before, or before of zero."""
    now = np.array([3.14, 3.5, 2.0, NAN, 1.0])
    before = np.array([3.5, 3.5, NAN, 3.0, 0.0])
    np.testing.assert_array_equal(change_percent(now, before), [-10.29, 0.0, NAN, NAN, NAN])


def test_worst_change_leaves_the_clean_out() -> None:
    """A place whose six items all meet class 2 is not among the worst, whatever its change."""
    rate = np.array([12.0, 5.0, -3.0, 5.0])
    meet = np.array([True, False, False, False])
    best, worst = change_ranks(rate, meet, np.zeros(4, np.int64))
    assert best.tolist() == [4, 2, 1, 2]
    assert worst.tolist() == [0, 1, 3, 1]
