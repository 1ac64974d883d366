"""Clocks: both signs, in a row, and what is late or resent is no clock."""

import numpy as np

from alerts.detect import clock
from alerts.detect.outcomes import WHAT

S = 1_000_000
PARAMS = np.array([(300 * S, 5, 5)], clock.PARAMS)


def _run(frames: list[tuple[float, float]]) -> list[tuple[float, str, float]]:
    """Frames (data time, receipt) in seconds: what is said, when, and the median offset."""
    state, told = clock.empty(1), []
    before: tuple[int, int] | None = None
    for data_s, received_s in frames:
        data, received = round(data_s * S), round(received_s * S)
        offset = np.array([data - received])
        if before is not None:
            moved = np.array([data - before[0]])
            if clock.steady(offset, np.array([before[0] - before[1]]), moved)[0]:
                state, outcome = clock.step(state, offset, np.array([received]), PARAMS)
                if outcome[0]:
                    median = float(clock.median_s(state)[0])
                    told.append((received_s, WHAT[int(outcome[0])], round(median)))
        before = (data, received)
    return told


def _frames(n: int, begin: float, ahead_s: float) -> list[tuple[float, float]]:
    return [(begin + 30 * k + ahead_s, begin + 30 * k + k % 3) for k in range(n)]


def test_five_in_a_row_more_than_five_minutes_off() -> None:
    """Ahead or behind; the first frame of a series only begins it."""
    assert _run(_frames(20, 0, 299)) == []
    assert _run(_frames(6, 0, 310)) == [(152.0, "raised", 309)]
    assert _run(_frames(6, 0, -310)) == [(152.0, "raised", -311)]


def test_a_clock_that_is_set_right_is_right_again() -> None:
    """Five in a row inside."""
    told = _run([*_frames(20, 0, 400), *_frames(20, 600, 0)])
    assert [one[1] for one in told] == ["raised", "cleared"]


def test_a_backlog_is_no_clock() -> None:
    """Two hours of data in a minute, then live again."""
    live = _frames(20, 0, 0)
    backlog = [(600 + 30 * k, 8000 + k * 0.2) for k in range(240)]
    assert _run([*live, *backlog, *_frames(20, 8100, 0)]) == []
