"""MSTL follows season and level, and is silent where too little is known."""

from __future__ import annotations

import numpy as np

from aqi.forecast.statistical import mstl


def course(days: int) -> np.ndarray:
    """A daily course of 30 +- 10, shape (1, hours)."""
    return 30 + 10 * np.sin(2 * np.pi * np.arange(days * 24) / 24)[None, :]


def test_repeats_a_clean_daily_course() -> None:
    """Within a few per cent over three days."""
    said = mstl(course(30), 72)
    assert np.abs(said / course(3) - 1).max() < 0.05


def test_bridges_small_gaps_and_refuses_large_ones() -> None:
    """A missing afternoon does not matter; a third of the hours does, and a week is too short."""
    holes = np.repeat(course(30), 3, axis=0)
    holes[0, 300:306] = np.nan
    holes[1, 100:400] = np.nan
    holes[2, : 23 * 24] = np.nan
    said = mstl(holes, 24)
    assert np.abs(said[0] / course(1)[0] - 1).max() < 0.1
    assert np.isnan(said[1:]).all()
