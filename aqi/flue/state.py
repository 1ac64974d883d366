"""Flow and concentration between the state in the stack and the dry standard state.

Standard state: 273 K, 101,325 Pa. Temperatures in deg C, pressures in Pa, water as a fraction of
volume. Arrays or numbers; what has no meaning (below absolute zero, no pressure, water of 100 %)
becomes nan. Tests: tests/aqi/flue/test_state.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ZERO_C_K = 273.0  # the standard's own round figure
STANDARD_PA = 101325.0


def flow(velocity: Any, area_m2: Any, field_factor: Any = 1.0) -> Floats:
    """Qs = 3600 F Kv Vp, m3/h of wet gas as it is (HJ 75-2017; confirmed)."""
    speed, area = _positive(velocity, 0.0), _positive(area_m2, np.nextafter(0.0, 1.0))
    return 3600 * area * speed * np.asarray(field_factor, np.float64)


def standard_dry_flow(
    flow_m3_h: Any,
    temperature_c: Any,
    gauge_pa: Any,
    water: Any,
    atmosphere_pa: Any = STANDARD_PA,
) -> Floats:
    """Qsn = Qs 273/(273+ts) (Ba+Ps)/101325 (1-Xsw), m3/h (HJ 75-2017; confirmed)."""
    return (
        np.asarray(flow_m3_h, np.float64)
        / expansion(temperature_c, gauge_pa, atmosphere_pa)
        * dry_share(water)
    )


def dry(wet: Any, water: Any) -> Floats:
    """C_dry = C_wet / (1 - Xsw); the same for oxygen (one source and background knowledge)."""
    return np.asarray(wet, np.float64) / dry_share(water)


def expansion(temperature_c: Any, gauge_pa: Any, atmosphere_pa: Any = STANDARD_PA) -> Floats:
    """How many times the standard volume the gas takes as it is: the law of gases (HJ 75-2017,
    annex; background knowledge)."""
    kelvin = ZERO_C_K + np.asarray(temperature_c, np.float64)
    pressure = np.asarray(atmosphere_pa, np.float64) + np.asarray(gauge_pa, np.float64)
    good = (kelvin > 0) & (pressure > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(good, kelvin / ZERO_C_K * (STANDARD_PA / pressure), np.nan)


def dry_share(water: Any) -> Floats:
    """1 - Xsw (HJ 75-2017, annex; background knowledge); nan outside 0 to 1 (percent given as a
    fraction, mostly)."""
    share = np.asarray(water, np.float64)
    return np.where((share >= 0) & (share < 1), 1 - share, np.nan)


def _positive(values: Any, least: float) -> Floats:
    numbers = np.asarray(values, np.float64)
    return np.where(numbers >= least, numbers, np.nan)
