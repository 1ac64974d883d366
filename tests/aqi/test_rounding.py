"""Rounding by GB/T 8170: single values and arrays."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqi.rounding import round_half_even

TIES = [("0.5", "0"), ("1.5", "2"), ("2.5", "2"), ("35.5", "36"), ("60.5", "60"), ("-1.5", "-2")]


@pytest.mark.parametrize(("text", "expected"), TIES)
def test_half_goes_to_the_even_digit(text: str, expected: str) -> None:
    """The examples of the standard, as text, number and array."""
    assert str(round_half_even(text, 0)) == expected
    assert round_half_even(float(text), 0) == Decimal(expected)
    assert round_half_even(np.array([float(text)]), 0)[0] == float(expected)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(0.835, 2, "0.84"), (2.15, 1, "2.2"), (2.05, 1, "2.0"), (1.005, 2, "1.00"), (45.0, -1, "40")],
)
def test_floats_round_as_they_read(value: float, decimals: int, expected: str) -> None:
    """2.15 is a tie although its binary number is a little less."""
    assert round_half_even(value, decimals) == Decimal(expected)
    assert round_half_even(np.array([value]), decimals)[0] == float(expected)


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20),
    st.integers(-2, 6),
)
def test_arrays_equal_single_values(values: list[float], decimals: int) -> None:
    """Whatever the size of the number."""
    found = round_half_even(np.array(values), decimals).tolist()
    assert found == [float(round_half_even(one, decimals)) for one in values]


@given(st.integers(0, 10**7), st.integers(-2, 2), st.integers(1, 4))
def test_arrays_at_ties_and_their_neighbours(steps: int, ulps: int, decimals: int) -> None:
    """A tie, and the floats right beside it."""
    value = float(Decimal(2 * steps + 1).scaleb(-decimals) / 2)
    for _ in range(abs(ulps)):
        value = float(np.nextafter(value, np.inf if ulps > 0 else -np.inf))
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    assert round_half_even(np.array([value]), decimals)[0] == float(exact)


def test_what_is_not_finite_stays() -> None:
    """Missing values are not turned into numbers."""
    found = round_half_even(np.array([np.nan, np.inf, -np.inf]), 1)
    assert np.isnan(found[0])
    assert found[1:].tolist() == [np.inf, -np.inf]
    assert round_half_even(float("inf"), 1) == Decimal("Infinity")


def test_what_is_no_number_is_refused() -> None:
    """With the text in the sentence."""
    with pytest.raises(ValueError, match="'12,5' is not a number"):
        round_half_even("12,5", 0)
