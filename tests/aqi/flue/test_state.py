"""States of flue gas."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqi.flue.state import dry, expansion, flow, standard_dry_flow


def test_flow_by_hand() -> None:
    """10 m/s through 6 m2 with a field factor of 0.9: 194,400 m3/h."""
    assert float(flow(10, 6, 0.9)) == 194_400
    assert np.isnan(flow(-1, 6))
    assert np.isnan(flow(10, 0))


def test_standard_dry_flow_by_hand() -> None:
    """100,000 m3/h at 273 deg C, in one atmosphere, 10 % water: half of it, less a tenth."""
    assert float(standard_dry_flow(100_000, 273, 0, 0.1)) == 45_000
    # 101,325 Pa of pressure more halve the volume, so twice the gas.
    assert float(standard_dry_flow(100_000, 273, 101_325, 0.1)) == 90_000


def test_dry_by_hand() -> None:
    """A tenth of water makes 9 into 10."""
    assert float(dry(9.0, 0.1)) == 10.0


def test_what_has_no_meaning_is_no_number() -> None:
    """Water in percent, a temperature below absolute zero, a vacuum."""
    assert np.isnan(dry(9.0, 10.0))
    assert np.isnan(dry(9.0, 1.0))
    assert np.isnan(expansion(-273.0, 0))
    assert np.isnan(expansion(20, -101_325))


@given(
    st.integers(1, 10**7),
    st.integers(-50, 400),
    st.integers(-10_000, 10_000),
    st.integers(0, 60),
    st.integers(60_000, 110_000),
)
def test_flow_in_exact_fractions(m3: int, warm: int, gauge: int, wet: int, air: int) -> None:
    """The published formula in fractions."""
    found = float(standard_dry_flow(m3, warm, gauge, wet / 100, air))
    exact = (
        Fraction(m3 * 273, 273 + warm) * Fraction(air + gauge, 101_325) * Fraction(100 - wet, 100)
    )
    assert found == pytest.approx(float(exact), rel=1e-12)
