"""ppm, and nitrogen oxides as NO2."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.flue.gases import from_ppm, nox


def test_ppm_by_hand() -> None:
    """64 / 22.4 = 2.857 mg/m3 a ppm of SO2; NOx counts as NO2."""
    assert float(from_ppm("SO2", 22.4)) == pytest.approx(64)
    assert float(from_ppm("NOx", 1)) == pytest.approx(46 / 22.4)
    with pytest.raises(KeyError):
        from_ppm("Xe", 1)


def test_nox_as_no2() -> None:
    """30 mg of NO count as 46 of NO2; a missing or negative part leaves nothing."""
    assert float(nox(30, 4)) == 50
    assert float(nox(15)) == 23
    assert np.isnan(nox([30, -1], [np.nan, 4])).all()
