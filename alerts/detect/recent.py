"""How many of something there were in a moving window, in twelve steps of it.

Counts are whole numbers by step, so that it does not matter how what is counted was cut into
batches. Tests: tests/alerts/detect/test_bad_frames.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alerts.detect.outcomes import Times

STEPS = 12
Counts = NDArray[np.int32]  # a row a thing, STEPS columns


def step_of(time_us: Times | int, window_us: Times) -> Times:
    """The step that a moment lies in."""
    found: Times = np.asarray(time_us) // np.maximum(window_us // STEPS, 1)
    return found


def moved(counts: Counts, at: Times, to: Times) -> tuple[Counts, NDArray[np.int64]]:
    """The window at the step ``to`` instead of ``at``, and how many fell out of it. A step before
    the one that is shown changes nothing."""
    passed = np.clip(to - at, 0, STEPS)
    column = np.arange(STEPS)[None, :]
    # Columns of the steps at + 1 to at + passed are used again.
    stale = (column - (at[:, None] + 1)) % STEPS < passed[:, None]
    fallen: NDArray[np.int64] = np.where(stale, counts, 0).sum(axis=1)
    return np.where(stale, 0, counts).astype(np.int32), fallen
