"""The share of a quarter's operating hours that a monitoring system caught.

Tests: tests/aqi/flue/test_capture.py.
"""

from __future__ import annotations

import msgspec

from aqi.flue.hj75 import hj75


class Capture(msgspec.Struct, frozen=True):
    """``percent`` None when the outlet stood still all the quarter; ``enough``: at least 75 %."""

    hours: int
    stopped: int
    invalid: int
    percent: float | None

    @property
    def enough(self) -> bool:
        """A quarter of standing still misses nothing."""
        return self.percent is None or self.percent >= hj75().capture_target


def capture(hours: int, stopped: int, invalid: int) -> Capture:
    """(hours - stopped - invalid) / (hours - stopped) 100 (HJ 75-2017; confirmed). ValueError when
    more hours are stopped and invalid than there are."""
    if min(hours, stopped, invalid) < 0 or stopped + invalid > hours:
        raise ValueError("more hours stopped or invalid than the quarter has")
    running = hours - stopped
    percent = 100 * (running - invalid) / running if running else None
    return Capture(hours, stopped, invalid, percent)
