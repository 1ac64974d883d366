"""Energies and sines from tables of integers against the formulas themselves."""

from __future__ import annotations

import math

import pytest

from store.integer_tables import cosine_e9, energy_e3, sine_e9
from store.means import LEAST_LEVEL, MOST_LEVEL


@pytest.mark.parametrize("level_db", [LEAST_LEVEL, -0.01, 0.0, 9.99, 34.56, 100.0, MOST_LEVEL])
def test_an_energy_is_that_of_its_level(level_db: float) -> None:
    """Ten digits of 10^(v/10), to the nearest thousandth."""
    exact = 10 ** (level_db / 10) * 1e3
    assert abs(energy_e3(level_db) - exact) <= max(0.5, exact * 1e-10)


def test_energies_grow_with_the_level() -> None:
    """No step of 0.01 dB leads down, also where the decade changes."""
    energies = [energy_e3(k / 100) for k in range(-2000, 20001)]
    assert energies == sorted(energies)


@pytest.mark.parametrize("degrees", [0.0, 30.0, 90.0, 180.0, 270.0, 359.9, 360.0, -45.0, 725.5])
def test_sines_and_cosines_are_those_of_the_direction(degrees: float) -> None:
    """Nine digits, any number of turns."""
    assert sine_e9(degrees) == pytest.approx(math.sin(math.radians(degrees)) * 1e9, abs=2)
    assert cosine_e9(degrees) == pytest.approx(math.cos(math.radians(degrees)) * 1e9, abs=2)
