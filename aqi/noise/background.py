"""Background noise taken off a level measured at a plant's fence.

Tests: tests/aqi/noise/test_background.py.
"""

from __future__ import annotations

import msgspec


class Corrected(msgspec.Struct, frozen=True):
    """``value`` None: the background is too near, measure again (``mark`` "background"); a missing
    level is "none"."""

    value: float | None
    correction: float
    mark: str


def corrected(measured: float | None, background: float | None) -> Corrected:
    """Difference above 10 dB: nothing; 6 to 10: -1; 4 to 5: -2; 3: -3; below 3: measure again
    (GB 12348-2008, 6.1; background knowledge). The difference is taken to whole dB."""
    if measured is None or background is None:
        return Corrected(None, 0.0, "none")
    difference = measured - background
    whole = round(difference)
    if whole < 3:
        return Corrected(None, 0.0, "background")
    if difference > 10:
        return Corrected(measured, 0.0, "")
    off = 3.0 if whole == 3 else 2.0 if whole <= 5 else 1.0
    return Corrected(measured - off, -off, "")
