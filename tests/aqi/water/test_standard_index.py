"""Standard indices: S > 1 misses the target."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqi.water.standard_index import index, oxygen_index, ph_index, saturated_oxygen


def test_plain_index() -> None:
    """C / Cs."""
    assert index([1.0, 1.5], 1.0).tolist() == [1.0, 1.5]


def test_ph_on_both_sides_of_seven() -> None:
    """1 at both ends of the range, 0 at 7; nothing for pH 20."""
    assert ph_index([6, 7, 8, 9, 5.5, 10]).tolist() == [1, 0, 0.5, 1, 1.5, 1.5]
    assert np.isnan(ph_index([20, -1, np.nan])).all()


def test_saturation_by_temperature() -> None:
    """468 / 51.6 at 20 deg C."""
    assert float(saturated_oxygen(20)) == pytest.approx(9.0698, abs=1e-4)


def test_oxygen_in_both_forms() -> None:
    """Hand reckoned for a target of 5 mg/L at 20 deg C."""
    full = 468 / 51.6
    new = oxygen_index([4.0, 5.0, full, 10.0, 0.0], 20, 5.0)
    assert new[:4] == pytest.approx([1.25, 1.0, 5 / full, (10 - full) / (full - 5)])
    assert new[4] == np.inf
    old = oxygen_index([4.0, 5.0, full, 10.0, 0.0], 20, 5.0, "HJ/T2.3-1993")
    assert old == pytest.approx([10 - 9 * 0.8, 1.0, 0.0, (10 - full) / (full - 5), 10.0])


def test_oxygen_without_a_meaning() -> None:
    """Negative values, and targets above saturation, give nothing instead of a number."""
    assert np.isnan(oxygen_index(-1.0, 20, 5.0))
    assert np.isnan(oxygen_index(8.0, 40, 7.5, "HJ/T2.3-1993"))


@given(st.floats(0.01, 30), st.floats(0, 35), st.sampled_from([2.0, 3.0, 5.0, 6.0]))
def test_below_the_target_the_index_is_above_one(oxygen: float, warm: float, limit: float) -> None:
    """Both forms agree on which side of 1 poor water is."""
    for form in ("HJ2.3-2018", "HJ/T2.3-1993"):
        found = float(oxygen_index(oxygen, warm, limit, form))  # type: ignore[arg-type]
        if oxygen < limit:
            assert found > 1
        elif limit <= oxygen <= float(saturated_oxygen(warm)):
            assert found <= 1 + 1e-12
