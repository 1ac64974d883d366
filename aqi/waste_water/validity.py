"""Which hourly values of a waste-water outlet count, and why the others do not.

One mark an hour and a pollutant; nothing is changed, nothing is filled here.
Tests: tests/aqi/waste_water/test_waste_water_validity.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aqi.waste_water.rules import rules

Marks = NDArray[np.str_]

PH_MOST = 14.0


def marks(
    concentration: Any,
    flow: Any,
    flags: Sequence[str] | None = None,
    *,
    item: str = "",
) -> Marks:
    """Mark of each hour, "" when it counts (HJ 356-2019; background knowledge).

    "none" no value, "absurd" not finite or a pH above 14, "negative", "flag" calibration,
    maintenance, fault ..., "no flow" nothing is discharged, "flow" the flow itself is missing or
    negative. The first that fits, in this order. ``flow`` None: the outlet has no meter, hours are
    not looked at for it.
    """
    value = np.asarray(concentration, np.float64)
    known = rules().invalid_flags
    flagged = np.zeros(value.shape, bool)
    if flags is not None:
        flagged = np.array([flag in known for flag in flags], bool)
    absurd = np.isinf(value) | ((value > PH_MOST) if item == "pH" else False)
    whys = [np.isnan(value), absurd, value < 0, flagged]
    names = ["none", "absurd", "negative", "flag"]
    if flow is not None:
        moved = np.asarray(flow, np.float64)
        whys += [moved == 0, ~np.isfinite(moved) | (moved < 0)]
        names += ["no flow", "flow"]
    return np.select(whys, names, default="")
