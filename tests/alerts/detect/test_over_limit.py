"""Over the limit: in a row, hysteresis, what got worse, against a slow twin."""

import math
from random import Random

import numpy as np
import pytest

from alerts.detect import over_limit
from alerts.detect.outcomes import NEVER, WHAT

MINUTE = 60_000_000
Told = list[tuple[int, str, int]]


def _run(
    values: list[float], low: float = math.nan, high: float = math.nan, **params: float
) -> Told:
    said = {"in_a_row": 2, "clear_in_a_row": 2, "least_ratio": 1.0, "clear_ratio": 0.95} | params
    row = np.array([tuple(said.values())], over_limit.PARAMS)
    state = over_limit.empty(1)
    state["low"], state["high"] = low, high
    told: Told = []
    for minute, value in enumerate(values):
        at = np.array([minute * MINUTE])
        state, outcome = over_limit.step(state, np.array([value]), at, row)
        if outcome[0]:
            since = int(state["since"][0]) // MINUTE
            told.append((minute, WHAT[int(outcome[0])], since))
    return told


def test_exactly_the_limit_is_not_over() -> None:
    """One in a row is nothing, two are told with the time of the first."""
    assert _run([100, 100, 100], high=100) == []
    assert _run([90, 101, 90, 101, 90], high=100) == []
    assert _run([90, 101, 102, 103], high=100) == [(2, "raised", 1)]


def test_it_is_over_when_it_is_well_inside() -> None:
    """Between the limit and 95 % of it what is stays; two in a row below are the end."""
    told = _run([101, 101, 97, 97, 97, 94, 97, 95, 95], high=100)
    assert told == [(1, "raised", 0), (8, "cleared", 0)]


def test_between_two_bounds() -> None:
    """pH: below and above are the same alarm."""
    told = _run([7, 5.9, 5.8, 9.5, 7, 7], low=6, high=9)
    assert told == [(2, "raised", 1), (5, "cleared", 1)]


def test_a_new_peak_is_told_every_ten_minutes_at_the_most() -> None:
    """From a tenth above what was told."""
    told = _run([110, 110, 150, 160, *[170] * 8, 171, 180], high=100)
    assert told == [(1, "raised", 0), (11, "changed", 0)]


@pytest.mark.parametrize(
    ("value", "step", "compared"),
    [
        (0.102, 0.1, 0.1),
        (0.3, 0.1, 0.3),
        (2.5, 1, 2),
        (3.5, 1, 4),
        (0.105, 0.01, 0.1),
        (50.6, 1, 51),
    ],
)
def test_values_are_compared_as_the_limit_is_written(
    value: float, step: float, compared: float
) -> None:
    """Half to even; not at all where nobody says how."""
    state = over_limit.empty(2)
    state["step"][0] = step
    assert over_limit.rounded(state, np.array([value, value])).tolist() == [compared, value]


def test_without_a_limit_nothing_is_said() -> None:
    """Neither bound known."""
    assert _run([1e9, -1e9, 1e9]) == []


def _twin(values: list[float], low: float, high: float, params: dict[str, float]) -> Told:
    """The same, slowly."""
    told: Told = []
    active, over, calm, since = False, 0, 0, NEVER
    for minute, value in enumerate(values):
        above = value > (high * params["least_ratio"] if high > 0 else high)
        below = value < (low / params["least_ratio"] if low > 0 else low)
        inside = not (
            value > (high * params["clear_ratio"] if high > 0 else high)
            or value < (low / params["clear_ratio"] if low > 0 else low)
        )
        if above or below:
            if over == 0 and not active:
                since = minute
            over, calm = over + 1, 0
        else:
            over, calm = 0, calm + 1 if inside else 0
        if not active and over >= params["in_a_row"]:
            active = True
            told.append((minute, "raised", since))
        elif active and calm >= params["clear_in_a_row"]:
            active = False
            told.append((minute, "cleared", since))
    return told


@pytest.mark.parametrize("seed", range(40))
def test_arrays_say_what_the_slow_twin_says(seed: int) -> None:
    """Random series around random limits, raised and cleared."""
    random = Random(seed)
    low = random.choice([math.nan, 40.0, 0.0, -5.0])
    high = random.choice([math.nan, 60.0, 60.0, 0.0])
    params = {
        "in_a_row": random.randint(1, 4),
        "clear_in_a_row": random.randint(1, 4),
        "least_ratio": random.choice([1.0, 1.2]),
        "clear_ratio": random.choice([0.9, 0.95, 1.0]),
    }
    values = [round(random.gauss(50, 12)) * 1.0 for _ in range(300)]
    found = [one for one in _run(values, low, high, **params) if one[1] != "changed"]
    assert found == _twin(values, low, high, params)
