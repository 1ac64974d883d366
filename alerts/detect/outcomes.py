"""What a step of a detector says of each row. Tests: tests/alerts/detect/test_over_limit.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.signals import What

Outcomes = NDArray[np.int8]
State = NDArray[Any]  # structured: one row a thing under a rule
Values = NDArray[np.float64]
Times = NDArray[np.int64]  # UTC microseconds since 1970
Bits = NDArray[np.bool_]

NOTHING, RAISED, CHANGED, CLEARED = 0, 1, 2, 3
WHAT: Mapping[int, What] = {RAISED: "raised", CHANGED: "changed", CLEARED: "cleared"}

NEVER: int = np.iinfo(np.int64).min  # no such moment
S_US = 1_000_000


def outcomes(raised: Bits, changed: Bits, cleared: Bits) -> Outcomes:
    """One code a row; at most one of the three is true in a row."""
    found: Outcomes = raised * np.int8(RAISED) + changed * np.int8(CHANGED)
    found += cleared * np.int8(CLEARED)
    return found
