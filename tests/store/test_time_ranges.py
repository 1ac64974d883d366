"""Ranges over instants: all are covered, gaps are not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.time_ranges import HOUR_US, ranges


def test_nothing_needs_no_range() -> None:
    """No instants, no ranges."""
    assert ranges([]) == []


def test_an_outlier_gets_a_range_of_its_own() -> None:
    """1970 and 2099 do not widen the range of now."""
    now = 1_780_000_000_000_000
    far = 4_070_908_800_000_000
    assert ranges([now, 0, now + 5, far, now + 1]) == [(0, 0), (now, now + 5), (far, far)]


def test_neighbours_stay_together() -> None:
    """A gap of no more than the limit does not split."""
    assert ranges([0, HOUR_US]) == [(0, HOUR_US)]
    assert ranges([0, HOUR_US + 1]) == [(0, 0), (HOUR_US + 1, HOUR_US + 1)]


def test_the_widest_gaps_are_left_out() -> None:
    """With more gaps than ranges, the widest ones split."""
    assert ranges([0, 10, 30, 60], gap_us=1, at_most=2) == [(0, 30), (60, 60)]
    assert ranges([0, 10, 30, 60], gap_us=1, at_most=1) == [(0, 60)]


@given(st.lists(st.integers(0, 1000)), st.integers(0, 50), st.integers(1, 6))
def test_every_instant_is_in_one_range(instants: list[int], gap: int, most: int) -> None:
    """Ranges are ascending, few, disjoint, end at instants and leave none out."""
    found = ranges(instants, gap, most)
    assert len(found) <= most
    assert all(first <= last for first, last in found)
    assert all(found[at][1] + gap < found[at + 1][0] for at in range(len(found) - 1))
    assert {end for pair in found for end in pair} <= set(instants)
    for instant in instants:
        assert sum(first <= instant <= last for first, last in found) == 1
