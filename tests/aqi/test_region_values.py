"""The value of a region from its sites."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.places import Shares, place_values, sites_needed

NAN = np.nan


@pytest.mark.parametrize(
    ("sites", "need"), [(1, 1), (2, 1), (3, 2), (4, 3), (5, 4), (8, 6), (11, 9), (20, 15)]
)
def test_how_many_sites(sites: int, need: int) -> None:
    """Three quarters, half when there are fewer than four, at least one."""
    assert sites_needed(sites) == need


def test_mean_of_sites() -> None:
    """Four sites: three are enough, two are not."""
    values = np.array([[10.0, 10.0, NAN], [20.0, 20.0, NAN], [30.0, NAN, 5.0], [NAN, NAN, NAN]])
    found, n, need = place_values(values)
    assert need.tolist() == [3, 3, 3]
    assert n.tolist() == [3, 2, 1]
    np.testing.assert_array_equal(found, [20.0, NAN, NAN])
    lenient, _, _ = place_values(values, Shares(usual=0.25, few=0.25))
    np.testing.assert_array_equal(lenient, [20.0, 15.0, 5.0])


def test_a_site_that_is_none_yet() -> None:
    """Of four sites two begin with the second day: one of two is enough on the first."""
    values = np.array([[10.0, 10.0], [NAN, NAN], [99.0, 30.0], [99.0, 50.0]])
    assessed = np.array([[True, True], [True, True], [False, True], [False, True]])
    found, n, need = place_values(values, assessed=assessed)
    assert (n.tolist(), need.tolist(), found.tolist()) == ([1, 3], [1, 3], [10.0, 30.0])
