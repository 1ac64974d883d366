"""Old and new state of gases, and mixing ratios."""

from __future__ import annotations

from datetime import date

import pytest

from aqi import reference_state as state


def test_state_by_date() -> None:
    """From 2018-09-01 the new one."""
    assert state.state_at(date(2018, 8, 31)) == "273"
    assert state.state_at(date(2018, 9, 1)) == "298"


def test_gases_shrink_and_particles_do_not() -> None:
    """273/298.15 of the old concentration."""
    assert state.to_298(100.0, "SO2", "273") == pytest.approx(91.565, abs=0.001)
    assert state.to_298(100.0, "SO2", "298") == 100.0
    assert state.to_298(100.0, "PM2.5", "273") == 100.0


@pytest.mark.parametrize(
    ("pollutant", "of_one_ppb"), [("SO2", 2.618), ("NO2", 1.881), ("O3", 1.962), ("CO", 1.145)]
)
def test_mixing_ratios(pollutant: str, of_one_ppb: float) -> None:
    """What one ppb weighs in a cubic metre."""
    found = state.ug_m3_of_ppb(1.0, pollutant)
    assert found == pytest.approx(of_one_ppb, abs=0.001)


def test_particles_have_no_mixing_ratio() -> None:
    """They are refused by name."""
    with pytest.raises(ValueError, match="PM10 has no molar mass"):
        state.ug_m3_of_ppb(1.0, "PM10")
