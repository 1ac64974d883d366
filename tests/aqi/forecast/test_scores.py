"""Scores equal what is reckoned by hand, and say nothing of too few pairs."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.forecast.scores import Score, hit_rate, range_hit_rate, score, skill


def test_errors_by_hand() -> None:
    """Half of the forecasts 2 too high, half 4 too low."""
    found = np.arange(40.0)
    said = found + np.where(np.arange(40) % 2, 2.0, -4.0)
    own = score(said, found)
    assert (own.n, own.mae, own.bias) == (40, 3.0, -1.0)
    assert own.rmse == pytest.approx(10**0.5)
    assert own.r == pytest.approx(np.corrcoef(said, found)[0, 1])


def test_missing_pairs_do_not_count_and_few_pairs_say_nothing() -> None:
    """A NaN on either side takes the pair away."""
    said, found = np.ones(50), np.ones(50)
    said[:20], found[20:30] = np.nan, np.nan
    assert score(said, found) == Score(20)


def test_a_constant_has_no_correlation() -> None:
    """But errors it has."""
    own = score(np.full(30, 5.0), np.arange(30.0))
    assert own.r is None
    assert own.mae is not None


def test_skill_against_a_baseline() -> None:
    """Half the error is a skill of a half; twice the error one of minus one."""
    base = Score(100, rmse=10.0)
    assert skill(Score(100, rmse=5.0), base) == 0.5
    assert skill(Score(100, rmse=20.0), base) == -1.0
    assert skill(Score(3), base) is None


def test_hit_rates() -> None:
    """Unknown ones are left out; the range is a share of what was said."""
    said, found = np.array([1, 2, 3, -1]), np.array([1, 2, 4, 1])
    assert hit_rate(said, found) == pytest.approx(2 / 3)
    assert hit_rate(said[:0], found[:0]) is None
    assert range_hit_rate(np.array([100, 100, 100]), np.array([125, 75, 126])) == pytest.approx(
        2 / 3
    )
