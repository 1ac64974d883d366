"""Silence: 14:59, 15:00 and 15:01, and time in which nobody listened."""

import numpy as np

from alerts.detect import silence
from alerts.detect.outcomes import CLEARED, NEVER, NOTHING, RAISED

MINUTE = 60_000_000
SEEN = 1_000_000 * MINUTE


def _params(after_s: int = 900, least_frames: int = 1) -> np.ndarray:
    return np.array([(after_s * 1_000_000, least_frames, 10, 60 * MINUTE)], silence.PARAMS)


def _outcome(now_us: int, *, seen: int = SEEN, up: int = 0, frames: int = 5, **params: int) -> int:
    _, outcome = silence.watch(
        silence.empty(1),
        np.array([seen]),
        np.array([frames]),
        np.array([True]),
        now_us,
        up,
        _params(**params),
    )
    return int(outcome[0])


def test_the_boundary_belongs_to_the_station() -> None:
    """Exactly 15:00 is online, one microsecond later it is not."""
    assert _outcome(SEEN + 14 * MINUTE + 59_000_000) == NOTHING
    assert _outcome(SEEN + 15 * MINUTE) == NOTHING
    assert _outcome(SEEN + 15 * MINUTE + 1) == RAISED
    assert _outcome(SEEN + 15 * MINUTE + 1_000_000) == RAISED


def test_it_begins_when_the_time_was_over() -> None:
    """Whoever looks later tells the same alarm."""
    for late in (1, 3600_000_000):
        state, _ = silence.watch(
            silence.empty(1),
            np.array([SEEN]),
            np.array([1]),
            np.array([True]),
            SEEN + 15 * MINUTE + late,
            0,
            _params(),
        )
        assert state["since"].tolist() == [SEEN + 15 * MINUTE]


def test_time_in_which_the_platform_was_down_does_not_count() -> None:
    """Silence is counted from when it listened again."""
    up = SEEN + 600 * MINUTE
    assert _outcome(up + 15 * MINUTE, up=up) == NOTHING
    assert _outcome(up + 15 * MINUTE + 1, up=up) == RAISED


def test_who_never_spoke_is_missed_when_the_rule_says_so() -> None:
    """A rule that wants no frames at all, after the platform has listened long enough."""
    up = SEEN
    assert _outcome(SEEN + 16 * MINUTE, seen=NEVER, frames=0, up=up) == NOTHING
    assert _outcome(SEEN + 15 * MINUTE, seen=NEVER, frames=0, up=up, least_frames=0) == NOTHING
    assert _outcome(SEEN + 16 * MINUTE, seen=NEVER, frames=0, up=up, least_frames=0) == RAISED


def test_an_alarm_is_over_when_it_speaks_or_need_not() -> None:
    """Either way it is told once."""
    state = silence.empty(1)
    state["active"] = True
    after, outcome = silence.heard(state)
    assert outcome.tolist() == [CLEARED]
    assert not after["active"].any()
    seen, frames = np.array([SEEN]), np.array([1])
    after, outcome = silence.watch(
        state, seen, frames, np.array([False]), SEEN + 99 * MINUTE, 0, _params()
    )
    assert outcome.tolist() == [CLEARED]
    _, outcome = silence.watch(
        after, seen, frames, np.array([False]), SEEN + 99 * MINUTE, 0, _params()
    )
    assert outcome.tolist() == [NOTHING]


def test_no_time_is_no_rule() -> None:
    """after_s = 0 is never."""
    assert _outcome(SEEN + 10**15, after_s=0) == NOTHING


def test_strangers_are_missed_when_they_spoke_for_long() -> None:
    """Ten frames over an hour are enough, nine or a minute less are not, none at all neither."""
    first = np.array([SEEN, SEEN, SEEN, NEVER])
    last = np.array([SEEN + 60 * MINUTE, SEEN + 60 * MINUTE, SEEN + 59 * MINUTE, NEVER])
    params = np.repeat(_params(), 4)
    found = silence.regular(first, last, np.array([10, 9, 99, 0]), params)
    assert found.tolist() == [True, False, False, False]
