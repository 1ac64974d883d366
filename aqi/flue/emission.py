"""What a stack emits: kilograms of each hour.

Made from the measured dry concentration, never from the one at the reference oxygen.
Tests: tests/aqi/flue/test_emission.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def hourly(dry_concentration: Any, dry_flow_m3_h: Any) -> NDArray[np.float64]:
    """G = Csn Qsn 1e-6, kg/h: mg/m3 and m3/h, dry standard state (HJ 75-2017; confirmed). nan
    where either is missing or negative."""
    value = np.asarray(dry_concentration, np.float64)
    flow = np.asarray(dry_flow_m3_h, np.float64)
    good = np.isfinite(value) & np.isfinite(flow) & (value >= 0) & (flow >= 0)
    return np.where(good, value * flow / 1e6, np.nan)
