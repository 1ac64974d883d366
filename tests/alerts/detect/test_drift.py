"""Drift: a slow way from the neighbours, and what is none."""

from random import Random

import numpy as np

from alerts.detect import drift
from alerts.detect.outcomes import WHAT

PARAMS = np.array([(7, 5, 4.0, 0.3, 20.0, 3)], drift.PARAMS)


def _run(shares: list[float], seed: int = 1, hours: int = 24) -> list[tuple[int, str]]:
    """One share of the neighbours' median a day."""
    random = Random(seed)
    state, told = drift.empty(1), []
    state["least_change"] = 10.0
    for day, share in enumerate([*shares, shares[-1]]):
        for hour in range(hours):
            others = 60 + 30 * np.sin(hour / 4)
            value = others * share * random.gauss(1, 0.03)
            at = np.array([(20_000 + day) * drift.DAY_US - drift.BEIJING_US])
            state, outcome = drift.step(
                state, np.array([value]), np.array([others]), at + hour * drift.HOUR_US, PARAMS
            )
            if outcome[0]:
                told.append((day, WHAT[int(outcome[0])]))
    return told


def test_eight_percent_a_day_are_told() -> None:
    """Before the week is over, once."""
    told = _run([1.08**day for day in range(10)])
    assert [what for _, what in told] == ["raised"]
    assert told[0][0] <= 7


def test_a_station_that_differs_does_not_drift() -> None:
    """Half of its neighbours, always; and noise of a fifth from day to day."""
    assert _run([0.5] * 14) == []
    random = Random(2)
    for seed in range(10):
        assert _run([random.gauss(1, 0.15) for _ in range(14)], seed) == []


def test_days_with_few_hours_do_not_count() -> None:
    """Eleven hours are too few."""
    assert _run([1.08**day for day in range(10)], hours=11) == []


def test_hourly_means_of_what_is_sent() -> None:
    """Those of the hour that is being filled and of the one before."""
    state = drift.empty(1)
    for minute, value in [(0, 10.0), (30, 20.0), (70, 40.0)]:
        at = np.array([minute * 60_000_000 + 7 * drift.HOUR_US])
        state = drift.take(state, np.array([value]), at)
    assert drift.means(state, 7)[0] == 15.0
    assert drift.means(state, 8)[0] == 40.0
    assert np.isnan(drift.means(state, 6)[0])
