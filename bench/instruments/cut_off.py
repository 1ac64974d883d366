"""When a logger is out of reach and forgets what it could not send: a hole in its uploads.

What it measured is still in its memory, so that a request for history brings it.
Test: tests/bench/test_datalogger.py.
"""

from __future__ import annotations

import msgspec


class CutOff(msgspec.Struct, frozen=True):
    """Silent for ``for_s`` from ``after_s`` on, and again each ``every_s`` (0: once). All counts
    of simulated seconds since the start."""

    after_s: float
    for_s: float
    every_s: float = 0.0

    def holds(self, seconds: float) -> bool:
        """Whether it is out of reach so long after the start."""
        inside = seconds - self.after_s
        if self.every_s and inside >= 0:
            inside %= self.every_s
        return 0 <= inside < self.for_s
