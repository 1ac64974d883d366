"""Codes of pollutants and the units readings are taken in."""

from __future__ import annotations

import pytest

from aqi import factors


def test_codes_and_pollutants_are_each_others_inverse() -> None:
    """By the codes of 2017; those of 2005 name the same pollutants."""
    for pollutant in (*factors.POLLUTANTS, "NOx", "NO", "TSP"):
        assert factors.pollutant_of(factors.code_of(pollutant)) == pollutant
    assert factors.code_of("O3") == "a05024"
    assert factors.pollutant_of("02") == "SO2"
    assert factors.pollutant_of("w01018") is None
    with pytest.raises(KeyError):
        factors.code_of("ozone")


@pytest.mark.parametrize(
    ("code", "medium", "unit"),
    [
        ("a34004", "air", "ug/m3"),
        ("a21005", "air", "mg/m3"),
        ("a21026", "flue", "mg/m3"),
        ("w01018", "wastewater", "mg/L"),
        ("w01001", "water", "1"),
        ("Leq", "noise", "dB"),
        ("a34004", "", None),
    ],
)
def test_default_units(code: str, medium: str, unit: str | None) -> None:
    """By medium; of an unknown medium nothing is guessed."""
    assert factors.default_unit(code, medium) == unit


def test_judged_units() -> None:
    """CO alone is in mg/m3."""
    assert {p: factors.judged_unit(p) for p in ("CO", "O3")} == {"CO": "mg/m3", "O3": "ug/m3"}
