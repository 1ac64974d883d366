"""What a stack emits: kilograms an hour, tonnes a day, with the hours that are missing.

Made from the measured dry concentration, never from the one at the reference oxygen.
Tests: tests/aqi/flue/test_emission.py.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray


class Emission(msgspec.Struct, frozen=True):
    """Tonnes of the ``hours`` that are known; ``missing`` hours are not in it and not zero;
    ``stopped`` hours emit nothing."""

    tonnes: float
    hours: int
    missing: int
    stopped: int

    @property
    def mark(self) -> str:
        """ "short" while hours are missing, "none" when all are."""
        if not self.missing:
            return ""
        return "short" if self.hours or self.stopped else "none"


def hourly(dry_concentration: Any, dry_flow_m3_h: Any) -> NDArray[np.float64]:
    """G = Csn Qsn 1e-6, kg/h: mg/m3 and m3/h, dry standard state (HJ 75-2017; confirmed). nan
    where either is missing or negative."""
    value = np.asarray(dry_concentration, np.float64)
    flow = np.asarray(dry_flow_m3_h, np.float64)
    good = np.isfinite(value) & np.isfinite(flow) & (value >= 0) & (flow >= 0)
    return np.where(good, value * flow / 1e6, np.nan)


def total(kg_h: Any, stopped: Any = None) -> Emission:
    """Sum of the hours, t: G_day = sum(G_h) 1e-3 (HJ 75-2017; confirmed). nan: missing."""
    rates = np.asarray(kg_h, np.float64)
    still = np.zeros(rates.shape, bool) if stopped is None else np.asarray(stopped, bool)
    known = np.isfinite(rates) & ~still
    tonnes = float(np.sum(rates[known]) / 1000)
    n, off = int(known.sum()), int(still.sum())
    return Emission(tonnes, n, rates.size - n - off, off)
