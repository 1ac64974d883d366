"""Links: none for too long, or made again and again."""

import numpy as np

from alerts.detect import links
from alerts.detect.outcomes import CLEARED, NOTHING, RAISED

S = 1_000_000
T0 = 10**15


def _params(after_s: int = 0, flaps: int = 0) -> np.ndarray:
    return np.array([(after_s * S, flaps, 3600 * S, 0, 0)], links.PARAMS)


def _watch(state: np.ndarray, up: int, closed: int, now: int, params: np.ndarray) -> tuple:
    return links.watch(state, np.array([up]), np.array([closed]), np.array([True]), now, 0, params)


def test_twelve_within_an_hour() -> None:
    """Eleven are not; over when half of them have passed."""
    params, state = _params(flaps=12), links.empty(1)
    for n in range(11):
        state, outcome = links.came_up(state, T0 + n * 60 * S, params)
        assert outcome[0] == NOTHING
    state, outcome = links.came_up(state, T0 + 700 * S, params)
    assert outcome[0] == RAISED
    assert _watch(state, 1, T0, T0 + 1800 * S, params)[1][0] == NOTHING
    assert _watch(state, 1, T0, T0 + 4500 * S, params)[1][0] == CLEARED


def test_no_link_for_five_minutes() -> None:
    """Over with the next one."""
    params = _params(after_s=300)
    state, outcome = _watch(links.empty(1), 0, T0, T0 + 300 * S, params)
    assert outcome[0] == NOTHING
    state, outcome = _watch(state, 0, T0, T0 + 300 * S + 1, params)
    assert outcome[0] == RAISED
    assert state["since"][0] == T0 + 300 * S
    state, outcome = links.came_up(state, T0 + 400 * S, params)
    assert outcome[0] == CLEARED
    assert not state["active"][0]
