"""Values below the detection limit: "0.025L" and "<0.025", and what statistics take for them.

Tests: tests/aqi/water/test_detection.py.
"""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

_TEXT = re.compile(r"\s*(<?)\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*([LlＬ]?)\s*")


class Detected(msgspec.Struct, frozen=True):
    """A result of the laboratory; ``below``: not detected, ``value`` is then the limit."""

    value: float
    below: bool

    @property
    def for_means(self) -> float:
        """What statistics take: half the limit when not detected (background knowledge)."""
        return float(Decimal(str(self.value)) / 2) if self.below else self.value


def detected(text: str) -> Detected | None:
    """ "0.025L" or "<0.025": not detected; "0.31": detected; None when it is neither."""
    match = _TEXT.fullmatch(text)
    if match is None or (match[1] and match[3]):
        return None
    return Detected(float(match[2]), bool(match[1] or match[3]))


def for_means(value: float, detection_limit: float | None) -> float:
    """A value as statistics take it: half the detection limit when it is below."""
    if detection_limit is None or value >= detection_limit:
        return value
    return Detected(detection_limit, below=True).for_means
