"""Stuck values: runs, holes, exemptions, the instrument's own past, against a slow twin."""

import math
from random import Random

import numpy as np
import pytest

from alerts.detect import stuck
from alerts.detect.outcomes import WHAT

MINUTE = 60_000_000
Series = list[tuple[int, float]]
Told = list[tuple[int, str, int]]


def _run(series: Series, *, after_s: float = 3600, most: float = math.nan) -> Told:
    params = np.array([(0.0, 10)], stuck.PARAMS)
    state = stuck.empty(1)
    state["after_s"], state["exempt_at_most"] = after_s, most
    told: Told = []
    for minute, value in series:
        at = np.array([minute * MINUTE])
        state, outcome = stuck.step(state, np.array([value]), at, params)
        if outcome[0]:
            since = int(state["since"][0]) // MINUTE
            told.append((minute, WHAT[int(outcome[0])], since))
    return told


def _flat(minutes: range, value: float) -> Series:
    return [(minute, value) for minute in minutes]


def _lively(minutes: range) -> Series:
    return [(minute, minute % 7 + 0.5) for minute in minutes]


def test_an_hour_without_change_is_stuck() -> None:
    """59 minutes are not, 60 are; over with the first other value."""
    assert _run([*_lively(range(100)), *_flat(range(100, 160), 9), (160, 8.0)]) == []
    told = _run([*_lively(range(100)), *_flat(range(100, 170), 9), (170, 8.0)])
    assert told == [(160, "raised", 100), (170, "cleared", 100)]


def test_a_hole_begins_a_new_run() -> None:
    """Nobody knows what it was in between."""
    series = [*_lively(range(100)), *_flat(range(100, 150), 9), *_flat(range(190, 249), 9)]
    assert _run(series) == []


def test_values_that_may_stand_still() -> None:
    """At or below the exempt value nothing is said."""
    assert _run(_flat(range(500), 2.0), most=2.0) == []
    assert _run(_flat(range(500), 2.0), most=1.9) == [(60, "raised", 0)]


def test_an_instrument_that_stands_still_often_is_given_longer() -> None:
    """Whose runs last 40 minutes as a rule needs two hours, not one."""
    steps = [(minute, float(minute // 40)) for minute in range(40 * 30)]
    told = _run([*steps, *_flat(range(1200, 1400), 99)])
    assert [one[1] for one in told] == ["raised"]
    assert 1200 + 100 < told[0][0] <= 1200 + 120


def test_one_long_standstill_teaches_little() -> None:
    """After ten hours stuck the next one is found within the same hour and a bit."""
    first = [*_lively(range(200)), *_flat(range(200, 800), 9)]
    told = _run([*first, *_lively(range(800, 1000)), *_flat(range(1000, 1100), 9)])
    assert [one[1] for one in told] == ["raised", "cleared", "raised"]
    assert told[2][0] <= 1070


def _twin(series: Series, after_s: float, most: float) -> Told:
    told: Told = []
    value, begun, last, n, active, since = math.nan, 0, 0, 0, False, 0
    usual, runs = 0.0, 0
    for minute, new in series:
        exempt = new <= most
        hole = n > 0 and (minute - last) * 60 > after_s / 2
        same = n > 0 and not hole and not exempt and new == value
        if same:
            n += 1
            need = max(after_s, 3 * usual)
            if not active and n >= 10 and (minute - begun) * 60 >= need:
                active, since = True, begun
                told.append((minute, "raised", since))
        else:
            if n > 0 and not hole:
                run = (last - begun) * 60
                if runs < 10:
                    usual = max(usual, min(run, after_s))
                else:
                    grown = min(max(usual, 1) * math.exp(0.49), run)
                    usual = grown if run > usual else max(usual, 1) * math.exp(-0.01)
                runs += 1
            if active:
                active = False
                told.append((minute, "cleared", since))
            value, begun, n = new, minute, 0 if exempt else 1
        last = minute
    return told


@pytest.mark.parametrize("seed", range(20))
def test_arrays_say_what_the_slow_twin_says(seed: int) -> None:
    """Random runs, holes and exempt values."""
    random = Random(seed)
    series: Series = []
    minute = 0
    while len(series) < 2000:
        value = float(random.randint(0, 9))
        for _ in range(random.choice([1, 1, 2, 5, 30, 90])):
            series.append((minute, value))
            minute += random.choice([1, 1, 1, 1, 1, 1, 1, 1, 45])
    assert _run(series, most=1.0) == _twin(series, 3600, 1.0)
