"""Factors that do not come any more."""

import numpy as np

from alerts.detect import missing
from alerts.detect.outcomes import CLEARED, NOTHING, RAISED

S = 1_000_000
PARAMS = np.array([(7200 * S, 10)], missing.PARAMS)


def _watch(state: np.ndarray, idle_s: float, every_s: float = 30, samples: int = 50) -> tuple:
    return missing.watch(
        state,
        np.array([10**12]),
        np.array([every_s]),
        np.array([samples]),
        np.array([10**12 + round(idle_s * S)]),
        PARAMS,
    )


def test_two_hours_behind_its_station() -> None:
    """Exactly two hours are not yet; over when it comes again."""
    state, outcome = _watch(missing.empty(1), 7200)
    assert outcome[0] == NOTHING
    state, outcome = _watch(state, 7200.001)
    assert outcome[0] == RAISED
    assert state["since"][0] == 10**12 + 7200 * S
    _, outcome = _watch(state, 5)
    assert outcome[0] == CLEARED


def test_what_comes_rarely_is_given_five_of_its_intervals() -> None:
    """One an hour: five hours."""
    assert _watch(missing.empty(1), 4.9 * 3600, 3600)[1][0] == NOTHING
    assert _watch(missing.empty(1), 5.1 * 3600, 3600)[1][0] == RAISED


def test_what_hardly_ever_came_is_not_missed() -> None:
    """Nine samples are too few."""
    assert _watch(missing.empty(1), 10**6, samples=9)[1][0] == NOTHING


def test_the_interval_follows_the_usual_one() -> None:
    """One long pause changes it by a tenth."""
    known = np.array([0.0])
    for passed in [30.0] * 20 + [7200.0]:
        known = missing.interval_s(known, np.array([passed]))
    assert known[0] == 33.0
