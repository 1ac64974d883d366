"""Concentrations at the reference oxygen."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqi.flue.oxygen import convert


def test_conversion_by_hand() -> None:
    """30 mg/m3 at 9 % oxygen are 37.5 at 6 %: 30 * 15 / 12."""
    assert convert(30, 9, 6).value == 37.5
    assert convert(30, 6, 6).value == 30
    assert convert(30, 3.5, 3.5).value == 30


@pytest.mark.parametrize(
    ("value", "oxygen", "reference", "mark"),
    [
        (30, 21, 6, "oxygen"),
        (30, 20.95, 6, "oxygen"),
        (30, 22, 6, "oxygen"),
        (30, 26, 6, "absurd"),
        (30, -1, 6, "absurd"),
        (-1, 9, 6, "negative"),
        (None, 9, 6, "none"),
        (30, None, 6, "none"),
        (30, 9, None, "reference"),
        (30, 9, 21, "reference"),
    ],
)
def test_no_number_without_a_meaning(
    value: float | None, oxygen: float | None, reference: float | None, mark: str
) -> None:
    """A mark instead, never a division by nearly nothing."""
    found = convert(value, oxygen, reference)
    assert (found.value, found.mark) == (None, mark)


def test_the_analysers_error_is_an_argument() -> None:
    """20.5 % is a value for a good analyser only."""
    assert convert(30, 20.5, 6).mark == ""
    assert convert(30, 20.5, 6, error=0.5).mark == "oxygen"


@given(st.integers(0, 10**6), st.integers(0, 2089), st.sampled_from([3, 6, 9, 15]))
def test_conversion_in_exact_fractions(value: int, oxygen: int, reference: int) -> None:
    """C (21 - ref)/(21 - O2) in fractions."""
    found = convert(value / 100, oxygen / 100, reference)
    exact = Fraction(value, 100) * (21 - reference) / (21 - Fraction(oxygen, 100))
    assert found.value == pytest.approx(float(exact), rel=1e-11)
