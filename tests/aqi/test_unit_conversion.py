"""Spellings of units, conversion, and clear refusals."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.units import UnitRefused, convert, unit_named


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("μg/m³", "ug/m3"),
        ("µg/m^3", "ug/m3"),
        ("UG/M3", "ug/m3"),
        ("微克/立方米", "ug/m3"),
        ("mg/Nm3", "mg/m3"),
        ("毫克/升", "mg/L"),
        ("℃", "degC"),
        ("dB(A)", "dB"),
    ],
)
def test_spellings(text: str, unit: str) -> None:
    """As instruments and people write them."""
    assert unit_named(text) == unit


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        (0.0355, "mg/m3", "ug/m3", 35.5),
        (2150, "ug/m3", "mg/m3", 2.15),
        (35_500, "ng/m3", "μg/m3", 35.5),
        (1.0, "mg/L", "ug/L", 1000.0),
        (1002, "hPa", "kPa", 100.2),
        (7.1, "1", "1", 7.1),
    ],
)
def test_steps_of_ten_are_exact(value: float, unit: str, to: str, expected: float) -> None:
    """So that a tie stays a tie."""
    assert convert(value, unit, to) == expected
    if to != "1":
        assert convert(np.array([value]), unit, to)[0] == expected


def test_mixing_ratios_need_a_gas() -> None:
    """ppm of CO becomes mg/m3; ppb of nothing in particular does not."""
    assert convert(1.0, "ppm", "mg/m3", "CO") == pytest.approx(1.1449, abs=0.0001)
    assert convert(1.1449, "mg/m3", "ppb", "CO") == pytest.approx(1000.0, abs=0.1)
    with pytest.raises(UnitRefused, match="ppb cannot become ug/m3 for an unnamed pollutant"):
        convert(1.0, "ppb", "ug/m3")


@pytest.mark.parametrize(
    ("unit", "to", "sentence"),
    [
        ("furlong", "ug/m3", "unit 'furlong' is not known"),
        ("mg/L", "ug/m3", "mg/L cannot become ug/m3: mass in water is not mass in air"),
        ("dB", "ug/m3", "dB cannot become ug/m3"),
    ],
)
def test_refusals(unit: str, to: str, sentence: str) -> None:
    """A clear sentence, never a number."""
    with pytest.raises(UnitRefused, match=sentence):
        convert(1.0, unit, to)
