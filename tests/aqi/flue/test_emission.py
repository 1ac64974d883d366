"""Emission amounts."""

from __future__ import annotations

import numpy as np

from aqi.flue.emission import hourly


def test_kilograms_an_hour_by_hand() -> None:
    """35 mg/m3 in 200,000 m3/h are 7 kg/h; what is missing or negative is no number."""
    found = hourly([35, np.nan, 35, -1, 0], [200_000, 1, np.nan, 1, 5])
    assert found[0] == 7
    assert np.isnan(found[1:4]).all()
    assert found[4] == 0
