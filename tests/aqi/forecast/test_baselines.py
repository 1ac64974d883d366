"""Baselines say what their names say, also with holes in the history."""

from __future__ import annotations

import numpy as np

from aqi.forecast.baselines import climatology, persistence, yesterday

HOLE = np.nan


def days(*means: float) -> np.ndarray:
    """One series: a ramp of a day around each mean."""
    ramp = np.arange(24.0) - 11.5
    return np.concatenate([mean + ramp for mean in means])[None, :]


def test_persistence_is_the_mean_of_the_last_day() -> None:
    """Earlier days do not count."""
    assert np.allclose(persistence(days(100, 40), 30), 40)


def test_persistence_says_nothing_of_half_a_day_that_is_missing() -> None:
    """Thirteen hours of 24 are missing."""
    history = days(100, 40)
    history[0, -13:] = HOLE
    assert np.isnan(persistence(history, 3)).all()


def test_yesterday_repeats_the_last_day_and_reaches_back_for_what_it_lacks() -> None:
    """An hour missing yesterday is that of the day before."""
    history = days(10, 20, 30)
    history[0, -24 + 5] = HOLE
    said = yesterday(history, 48)
    expected = days(30, 30)
    expected[0, [5, 29]] = 20 + 5 - 11.5
    assert np.array_equal(said, expected)


def test_climatology_is_the_mean_of_each_hour() -> None:
    """Two days are too few, three are enough."""
    assert np.allclose(climatology(days(10, 20, 60), 72), days(30, 30, 30))
    assert np.isnan(climatology(days(10, 20), 24)).all()


def test_climatology_forgets_what_is_long_ago() -> None:
    """Only the days asked for count."""
    assert np.allclose(climatology(days(1000, 10, 20, 60), 24, days=3), days(30))
