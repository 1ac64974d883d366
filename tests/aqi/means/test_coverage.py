"""For how many minutes of an hour its values stand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aqi.means.coverage import covered, gaps


def bits(minutes: list[int] | set[int]) -> int:
    """Minutes as the store tells them."""
    return sum(1 << minute for minute in set(minutes))


def one(
    minutes: list[int], *, rows: int = 0, length: int = 0, most: int = 60, alone: int = 1
) -> int:
    """Coverage of one hour."""
    arrays = [np.array([number], np.int64) for number in (bits(minutes), rows or len(minutes))]
    arrays += [np.array([number], np.int64) for number in (length, most, alone)]
    return int(covered(*arrays)[0])


@given(st.lists(st.sets(st.integers(0, 59)), max_size=20))
def test_the_least_distance_is_that_of_sorted_minutes(hours: list[set[int]]) -> None:
    """As when the minutes are written down and subtracted."""
    found = gaps(np.array([bits(hour) for hour in hours], np.int64))
    said = []
    for hour in hours:
        ordered = sorted(hour)
        steps = [after - before for before, after in pairwise(ordered)]
        said.append(min(steps, default=0))
    assert found.tolist() == said


def test_values_stand_for_the_minutes_to_their_neighbours() -> None:
    """Minute data of 1, 5 and 10 minutes; 45 minutes are 45, 9 and 4.5 of them."""
    assert one(list(range(45))) == 45
    assert one(list(range(0, 60, 5))) == 60
    assert one(list(range(0, 45, 5))) == 45
    assert one(list(range(0, 40, 10))) == 40


def test_a_value_without_neighbour_stands_for_what_is_known_of_it() -> None:
    """One minute, unless the length of minute data is known."""
    assert one([17]) == 1
    assert one([10], length=10) == 10


def test_rows_that_are_not_valid_show_the_distance_as_well() -> None:
    """Every second minute is marked: the other ones still stand for one minute each."""
    assert one(list(range(0, 60, 2)), rows=60) == 30


def test_real_time_values_stand_for_their_minute() -> None:
    """However far they are apart, no more than the rule allows."""
    assert one(list(range(0, 60, 5)), most=1) == 12
    assert one(list(range(60)), rows=3600, most=1) == 60
