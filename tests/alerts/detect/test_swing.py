"""Swings: out of the own past, and neighbours that went along or did not."""

import math
from random import Random

import numpy as np

from alerts.detect import swing
from alerts.detect.outcomes import CLEARED, NOTHING, RAISED

MINUTE = 60_000_000
NO_PAUSE = np.zeros(1, bool)
PARAMS = np.array(
    [(6.0, 4.0, 10.0, 86_400_000_000, 60, 2, 2, 0.5, 20.0, 3)],
    swing.PARAMS,
)


def _learned(minutes: int = 600) -> np.ndarray:
    random = Random(3)
    state = swing.empty(1)
    for minute in range(minutes):
        state, outcome = _step(state, 50 + random.gauss(0, 3), minute)
        assert outcome == NOTHING
    return state


def _step(state: np.ndarray, value: float, minute: int) -> tuple[np.ndarray, int]:
    state, outcome = swing.step(
        state, np.array([value]), np.array([minute * MINUTE]), NO_PAUSE, PARAMS
    )
    return state, int(outcome[0])


def _confirm(state: np.ndarray, z: float, share: float) -> tuple[np.ndarray, int]:
    state, outcome = swing.confirm(state, np.array([z]), np.array([share]), PARAMS)
    return state, int(outcome[0])


def _out(state: np.ndarray, value: float = 300.0) -> np.ndarray:
    for minute in (600, 601):
        state, _ = _step(state, value, minute)
    return state


def test_centre_and_spread_are_those_of_the_past() -> None:
    """Of a normal series, and hardly moved by a tenth of wild values."""
    state = _learned()
    assert abs(state["centre"][0] - 50) < 1
    assert 2 < state["spread"][0] < 4.5
    random = Random(4)
    state = swing.empty(1)
    for minute in range(2000):
        value = 5000.0 if minute % 10 == 0 and minute > 50 else 50 + random.gauss(0, 3)
        state, _ = _step(state, value, minute)
    assert abs(state["centre"][0] - 50) < 3


def test_one_value_out_is_nothing_two_wait_for_the_neighbours() -> None:
    """The first one names the alarm."""
    state, _ = _step(_learned(), 300, 600)
    assert not state["waiting"][0]
    state, _ = _step(state, 300, 601)
    assert state["waiting"][0]
    state, outcome = _confirm(state, 0.2, 0.05)
    assert outcome == RAISED
    assert state["since"][0] == 600 * MINUTE


def test_neighbours_that_went_along_are_weather() -> None:
    """By their z, or by their share; it is no fault then."""
    state = _out(_learned())
    z, share = float(state["peak_z"][0]), float(state["peak_share"][0])
    for others in ((0.6 * z, 0.0), (0.0, 0.6 * share)):
        after, outcome = _confirm(state, *others)
        assert outcome == NOTHING
        assert not after["waiting"][0]
    assert _confirm(state, -z, -share)[1] == RAISED


def test_without_neighbours_it_takes_more() -> None:
    """lonely_z; a small swing of a lonely station is not told."""
    learned = _learned()
    assert _confirm(_out(learned), math.nan, math.nan)[1] == RAISED
    little = float(learned["centre"][0] + 8 * learned["spread"][0])
    state = _out(learned, max(little, 76.0))
    assert state["waiting"][0] == (abs(state["z"][0]) >= 6)
    assert _confirm(state, math.nan, math.nan)[1] == NOTHING


def test_it_is_over_when_values_are_back_or_neighbours_follow() -> None:
    """Two in a row inside, or a front that came here first."""
    raised, _ = _confirm(_out(_learned()), 0.0, 0.0)
    state, outcome = _step(raised, 50, 602)
    assert outcome == NOTHING
    state, outcome = _step(state, 50, 603)
    assert outcome == CLEARED
    assert state["since"][0] == 600 * MINUTE
    _, outcome = _confirm(raised, float(raised["peak_z"][0]), 0.0)
    assert outcome == CLEARED


def test_before_it_has_learned_nothing_is_said() -> None:
    """59 samples are too few."""
    state = _learned(58)
    for minute in (58, 59):
        state, _ = _step(state, 1000, minute)
    assert not state["waiting"][0]


def test_rows_do_not_touch_each_other() -> None:
    """Many at once say what each says alone."""
    random = Random(5)
    series = np.array(
        [
            [random.gauss(50, 5) * (1 + 5 * (random.random() < 0.1)) for _ in range(50)]
            for _ in range(200)
        ]
    )
    params = np.repeat(PARAMS, 50)
    params["least_samples"] = 20
    together = swing.empty(50)
    alone = [swing.empty(1) for _ in range(50)]
    for minute, values in enumerate(series):
        at = np.full(50, minute * MINUTE)
        together, outcome = swing.step(together, values, at, np.zeros(50, bool), params)
        for n in range(50):
            alone[n], one = swing.step(alone[n], values[n : n + 1], at[:1], NO_PAUSE, params[:1])
            assert one[0] == outcome[n]
    assert together.tobytes() == b"".join(one.tobytes() for one in alone)


def test_what_rises_by_and_by_or_in_a_pause_is_no_swing() -> None:
    """Pollution has no jump; after a pause nobody knows."""
    learned = _learned()
    state = learned
    for minute in range(600, 700):
        state, _ = _step(state, 50 + 4.0 * (minute - 600), minute)
        assert not state["waiting"][0]
    for minute in (900, 901, 902):
        at, paused = np.array([minute * MINUTE]), np.array([minute == 900])
        learned, _ = swing.step(learned, np.array([300.0 + minute]), at, paused, PARAMS)
        assert not learned["waiting"][0]


def test_a_measurement_that_is_shown_again_and_again_counts_once() -> None:
    """Sixty values of four hours each are ten days, not one hour."""
    state = swing.empty(1)
    for minute in range(600):
        state, _ = _step(state, float(minute // 240), minute)
    assert state["samples"].tolist() == [3]
