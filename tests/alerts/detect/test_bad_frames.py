"""Refused frames: share, least number, what was usual before."""

import numpy as np

from alerts.detect import bad_frames
from alerts.detect.outcomes import WHAT
from alerts.detect.recent import STEPS, moved

MINUTE = 60_000_000
PARAMS = np.array([(0.2, 20, 60 * MINUTE)], bad_frames.PARAMS)


def _run(minutes: list[tuple[int, int]]) -> list[tuple[int, str]]:
    """Refused and all frames of each minute."""
    state, told = bad_frames.empty(1), []
    for minute, (refused, frames) in enumerate(minutes, 100_000):
        state, outcome = bad_frames.step(
            state, np.array([refused]), np.array([frames]), minute * MINUTE, PARAMS
        )
        if outcome[0]:
            told.append((minute - 100_000, WHAT[int(outcome[0])]))
    return told


def test_every_second_frame_refused_is_told_until_it_is_rare() -> None:
    """From twenty refused ones on; over below half the share."""
    told = _run([(0, 2)] * 120 + [(1, 2)] * 60 + [(0, 2)] * 90)
    assert [what for _, what in told] == ["raised", "cleared"]
    assert 140 < told[0][0] < 150
    assert told[1][0] > 200


def test_few_refused_frames_are_nothing() -> None:
    """All of nineteen."""
    assert _run([(1, 1)] * 19 + [(0, 0)] * 100) == []


def test_who_always_had_as_many_is_told_once() -> None:
    """The alarm goes on; it does not come anew."""
    assert [what for _, what in _run([(1, 3)] * 3000)] == ["raised"]


def test_the_window_forgets_by_steps() -> None:
    """What falls out is counted; a step back changes nothing."""
    counts = np.zeros((1, STEPS), np.int32)
    counts[0, 5] = 7
    same, fallen = moved(counts, np.array([5]), np.array([4]))
    assert (same == counts).all()
    assert fallen[0] == 0
    later, fallen = moved(counts, np.array([5]), np.array([5 + STEPS - 1]))
    assert later.sum() == 7
    assert fallen[0] == 0
    later, fallen = moved(counts, np.array([5]), np.array([5 + STEPS]))
    assert later.sum() == 0
    assert fallen[0] == 7
