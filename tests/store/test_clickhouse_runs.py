"""Runs: the samples of a frame, looked at once."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from batches import NOON, batch, frame, sample

from store.clickhouse_days import day_of
from store.clickhouse_runs import Runs

ONE, TWO = frame(1), frame(2, mn="B", data_time=NOON + timedelta(days=1))
TABLE = batch(
    [ONE, TWO],
    [
        sample(ONE, 1.0, factor="f"),
        sample(ONE, 1.0, factor="g"),
        sample(ONE, 1.0, factor="f", period="minute"),
        sample(TWO, 1.0, factor="f"),
        sample(TWO, 1.0, factor="g"),
    ],
)


def test_neighbours_with_frame_time_and_period_are_a_run() -> None:
    """Three runs of five rows, and their rows."""
    runs = Runs(TABLE.samples)
    assert runs.mn.to_pylist() == ["A", "A", "B"]
    assert runs.period.to_pylist() == ["realtime", "minute", "realtime"]
    chosen = runs.rows_in(np.array([False, True, True]))
    assert chosen.tolist() == [False, False, True, True, True]


def test_runs_of_frames() -> None:
    """By lane and position."""
    runs = Runs(TABLE.samples)
    assert runs.of(TABLE.frames.slice(1)).tolist() == [False, False, True]
    other = batch([frame(2, lane="1")]).frames
    assert not runs.of(other).any()
    assert not runs.of(other.slice(0, 0)).any()


def test_runs_that_share_a_slot_and_time() -> None:
    """All of those, not only the later ones."""
    runs = Runs(TABLE.samples)
    assert runs.shared(np.array([0, 0, 1])).tolist() == [True, True, False]
    assert not runs.shared(np.array([0, 1, 2])).any()


def test_days_of_runs() -> None:
    """(mn, Beijing day), each once."""
    runs = Runs(TABLE.samples)
    (today,) = day_of(runs.data_time[:1]).tolist()
    assert runs.days(np.array([True, True, True])) == {("A", today), ("B", today + 1)}
    assert runs.days(np.array([False, False, True])) == {("B", today + 1)}
