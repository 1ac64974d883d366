"""Refused frames that name no station, of all that arrived lately: a rule of the platform.

Counts by ten seconds of receipt, for an hour. Pure. Tests: tests/hub/alerts/test_nobody.py.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_STEP_US = 10_000_000
_STEPS = 360
KEPT_S = _STEP_US * _STEPS / 1e6


class Nobody:
    """How many frames came, and how many of them were refused and nobody's."""

    def __init__(self) -> None:
        self._steps: deque[tuple[int, int, int]] = deque(maxlen=_STEPS)  # step, all, refused

    def observe(self, frames: pa.Table) -> None:
        """Rows of FRAMES in about the order of receipt."""
        if not frames.num_rows:
            return
        step = frames["received_at"].cast(pa.int64()).to_numpy() // _STEP_US
        refused = pc.and_(
            pc.equal(frames["mn"].fill_null(""), ""), pc.not_equal(frames["reason"], "ok")
        ).to_numpy()
        for one in np.unique(step).tolist():
            here = step == one
            self._add(one, int(here.sum()), int(refused[here].sum()))

    def counted(self, window_s: float, now_us: int) -> tuple[int, int]:
        """Refused and all of the last ``window_s`` (``KEPT_S`` at most)."""
        since = (now_us - round(window_s * 1e6)) // _STEP_US
        steps = [one for one in self._steps if one[0] > since]
        return sum(one[2] for one in steps), sum(one[1] for one in steps)

    def _add(self, step: int, frames: int, refused: int) -> None:
        if self._steps and self._steps[-1][0] >= step:
            last, all_before, refused_before = self._steps.pop()
            step, frames, refused = last, all_before + frames, refused_before + refused
        self._steps.append((step, frames, refused))
