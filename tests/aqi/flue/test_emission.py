"""Emission amounts."""

from __future__ import annotations

import numpy as np

from aqi.flue.emission import hourly, total


def test_kilograms_an_hour_by_hand() -> None:
    """35 mg/m3 in 200,000 m3/h are 7 kg/h; what is missing or negative is no number."""
    found = hourly([35, np.nan, 35, -1, 0], [200_000, 1, np.nan, 1, 5])
    assert found[0] == 7
    assert np.isnan(found[1:4]).all()
    assert found[4] == 0


def test_a_day_with_missing_hours_says_so() -> None:
    """24 hours of 7 kg are 0.168 t; missing hours are no zeros, stopped ones are."""
    whole = total([7.0] * 24)
    assert (whole.tonnes, whole.hours, whole.mark) == (0.168, 24, "")
    rates = [7.0] * 10 + [np.nan] * 14
    part = total(rates, [False] * 20 + [True] * 4)
    assert (part.tonnes, part.hours, part.missing, part.stopped) == (0.07, 10, 10, 4)
    assert part.mark == "short"
    assert total([np.nan]).mark == "none"
    assert total([np.nan], [True]).mark == ""
