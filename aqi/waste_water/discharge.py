"""Daily and monthly means of waste water by flow. What is discharged: flue/emission.py, by hours.

Concentrations in mg/L, flows in m3 of the hour. Tests: tests/aqi/waste_water/test_discharge.py.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from aqi.waste_water.rules import rules
from aqi.waste_water.validity import Marks


class WaterMean(msgspec.Struct, frozen=True):
    """``n`` valid of ``need`` values; ``mark``: "" valid, "short" too few, "none" no value, "no
    flow" nothing was discharged all day. ``value`` stands also when it is short."""

    value: float | None
    n: int
    need: int
    mark: str


def daily_mean(
    concentration: Any, flow: Any, marks: Marks, *, weighted: bool = True, expected: int = 24
) -> WaterMean:
    """The day's mean: sum(C Q) / sum(Q) over the valid hours (HJ 356-2019; background knowledge).

    ``expected``: values that a full day has; hours without discharge are not expected. Valid with
    at least 75 % of the rest. ``weighted`` False: the plain mean, for items other than COD, NH3-N,
    TP, TN.
    """
    valid = marks == ""
    due = max(0, expected - int(np.sum(marks == "no flow")))
    need = -int(-(due * rules().day_valid_share) // 1)
    n = int(valid.sum())
    if n == 0:
        return WaterMean(None, 0, need, "no flow" if due == 0 else "none")
    values = np.asarray(concentration, np.float64)[valid]
    weights = np.asarray(flow, np.float64)[valid] if weighted else np.ones(n)
    mean = float(np.sum(values * weights) / np.sum(weights))
    return WaterMean(mean, n, need, "" if n >= need else "short")


def ph_range(ph: Any, marks: Marks) -> tuple[float, float] | None:
    """Least and greatest valid pH: a mean of pH says nothing (background knowledge)."""
    values = np.asarray(ph, np.float64)[marks == ""]
    return (float(values.min()), float(values.max())) if values.size else None


def monthly_mean(daily: Any, daily_flow: Any, days: int, *, weighted: bool = True) -> WaterMean:
    """The mean of valid daily means, by the days' flows (HJ 356-2019; background knowledge).

    nan: a day without a valid mean. Valid with at least 75 % of the ``days`` of the month.
    """
    values = np.asarray(daily, np.float64)
    flows = np.asarray(daily_flow, np.float64) if weighted else np.ones(values.shape)
    valid = np.isfinite(values) & np.isfinite(flows) & (flows > 0)
    need = -int(-(days * rules().month_valid_share) // 1)
    n = int(valid.sum())
    if n == 0:
        return WaterMean(None, 0, need, "none")
    mean = float(np.sum(values[valid] * flows[valid]) / np.sum(flows[valid]))
    return WaterMean(mean, n, need, "" if n >= need else "short")
