"""Units of models become those of the standards, or are refused with a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.forecast.species import to_concentration, variable_of


@pytest.mark.parametrize(
    ("pollutant", "unit", "value", "expected"),
    [
        ("O3", "ppmV", 0.05, 50 * 48.0 / 24.465),
        ("SO2", "ppb", 10, 10 * 64.06 / 24.465),
        ("CO", "ppmv", 1.0, 28.01 / 24.465),
        ("PM2.5", "kg m**-3", 3.5e-8, 35.0),
        ("PM10", "ug m-3       ", 80, 80),
        ("CO", "mg/m3", 0.8, 0.8),
        ("NO2", "kg kg**-1", 2e-8, 2e-8 * 1.184e9),
    ],
)
def test_conversions_by_hand(pollutant: str, unit: str, value: float, expected: float) -> None:
    """ug/m3, CO mg/m3; IOAPI pads its units with blanks."""
    assert to_concentration(np.array([value]), unit, pollutant)[0] == pytest.approx(expected)


@pytest.mark.parametrize(("pollutant", "unit"), [("O3", "furlongs"), ("O3", ""), ("PM10", "ppb")])
def test_what_cannot_be_converted_is_refused(pollutant: str, unit: str) -> None:
    """The sentence names pollutant and unit."""
    with pytest.raises(ValueError, match=rf"{pollutant}.*{unit!r}|{unit!r}.*{pollutant}"):
        to_concentration(np.array([1.0]), unit, pollutant)


def test_variables_are_found_by_any_of_their_names() -> None:
    """CMAQ's and CAMS' names, whatever their case."""
    assert variable_of("PM2.5", ["TFLAG", "PM25_TOT", "O3"]) == "PM25_TOT"
    assert variable_of("O3", ["time", "GO3"]) == "GO3"
    assert variable_of("CO", ["no2"]) is None
