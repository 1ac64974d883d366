"""Means by flow."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqi.waste_water.discharge import daily_mean, monthly_mean, ph_range
from aqi.waste_water.rules import rules
from aqi.waste_water.validity import marks


def day(hours: int, concentration: float = 30.0, flow: float = 10.0) -> tuple[list[float], ...]:
    """24 hours of which the first so many are measured."""
    nan = float("nan")
    return [concentration] * hours + [nan] * (24 - hours), [flow] * 24


def test_flow_weighs() -> None:
    """(20 * 10 + 50 * 30) / 40, not 35."""
    valid = marks([20, 50], [10, 30])
    assert daily_mean([20, 50], [10, 30], valid, expected=2).value == 42.5
    assert daily_mean([20, 50], [10, 30], valid, weighted=False, expected=2).value == 35.0


def test_eighteen_of_twenty_four_hours() -> None:
    """75 % of the day; one less is short and still told."""
    enough, few = day(18), day(17)
    assert daily_mean(*enough, marks(*enough)).mark == ""
    found = daily_mean(*few, marks(*few))
    assert (found.value, found.n, found.need, found.mark) == (30.0, 17, 18, "short")
    assert rules().day_valid_share == 0.75


def test_hours_without_discharge_are_not_expected() -> None:
    """A plant that discharges eight hours a day needs six of them."""
    flow = [10.0] * 8 + [0.0] * 16
    values = [30.0] * 6 + [float("nan")] * 2 + [99.0] * 16
    found = daily_mean(values, flow, marks(values, flow))
    assert (found.value, found.n, found.need, found.mark) == (30.0, 6, 6, "")
    assert daily_mean(values, [0.0] * 24, marks([30.0] * 24, [0.0] * 24)).mark == "no flow"


def test_a_day_without_values() -> None:
    """Nothing is not zero."""
    nothing = day(0)
    found = daily_mean(*nothing, marks(*nothing))
    assert (found.value, found.mark) == (None, "none")


def test_ph_is_a_range() -> None:
    """Least and greatest of what is valid."""
    assert ph_range([7.1, 20.0, 6.9], marks([7.1, 20.0, 6.9], None, item="pH")) == (6.9, 7.1)
    assert ph_range([20.0], marks([20.0], None, item="pH")) is None


def test_month_of_valid_days() -> None:
    """23 of 30 days are 75 %, rounded up; weighted by the days' flows."""
    values = np.array([10.0] * 22 + [40.0] + [np.nan] * 7)
    flows = np.array([100.0] * 22 + [800.0] * 8)
    found = monthly_mean(values, flows, 30)
    assert (found.n, found.need, found.mark) == (23, 23, "")
    assert found.value == (22 * 1000 + 32000) / 3000
    assert monthly_mean(values[:22], flows[:22], 30).mark == "short"
    assert monthly_mean([np.nan], [1.0], 30).mark == "none"


numbers = st.tuples(st.integers(0, 10**6), st.integers(1, 10**6))


@given(st.lists(numbers, min_size=1, max_size=24))
def test_weighted_mean_in_exact_fractions(hours: list[tuple[int, int]]) -> None:
    """The same as in fractions, and between least and greatest."""
    values = [a / 100 for a, _ in hours]
    flows = [b / 100 for _, b in hours]
    found = daily_mean(values, flows, marks(values, flows), expected=len(hours))
    exact = Fraction(sum(a * b for a, b in hours), 100 * sum(b for _, b in hours))
    assert found.value == pytest.approx(float(exact), rel=1e-12, abs=1e-12)
