"""The numbers of HJ 75-2017 for capture and make-up. Reads the data file, judges nothing.

Tests: tests/aqi/flue/test_makeup.py.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec


class MakeUpRow(msgspec.Struct, frozen=True):
    """For which capture rates (percent, from, below) and lengths of gaps (hours, at most) the
    largest of how many valid hours stands in."""

    capture_from: float
    valid_hours: int
    capture_below: float | None = None
    lost_hours_to: int | None = None


class Hj75(msgspec.Struct, frozen=True):
    """Table of HJ 75-2017 (numbers confirmed by code and background knowledge)."""

    capture_target: float
    make_up: tuple[MakeUpRow, ...]

    def valid_hours(self, capture_percent: float, lost_hours: int) -> int | None:
        """How many valid hours to look at; None below 75 %: manual monitoring."""
        for row in self.make_up:
            below = row.capture_below is None or capture_percent < row.capture_below
            short = row.lost_hours_to is None or lost_hours <= row.lost_hours_to
            if capture_percent >= row.capture_from and below and short:
                return row.valid_hours
        return None


@cache
def hj75() -> Hj75:
    """Those of the data file."""
    found = resources.files("aqi").joinpath("data", "hj75.json")
    return msgspec.json.decode(found.read_bytes(), type=Hj75)
