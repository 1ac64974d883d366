"""Gases: ppm to mg/m3 in the standard state, and nitrogen oxides as NO2.

Tests: tests/aqi/flue/test_gases.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOLAR_VOLUME_L = 22.4  # at 273 K, 101.325 kPa, the rounded figure of the standards
MOLAR_MASS = {"SO2": 64.0, "NO": 30.0, "NO2": 46.0, "NOx": 46.0, "CO": 28.0, "NH3": 17.0}


def from_ppm(gas: str, ppm: Any) -> Floats:
    """mg/m3 = ppm M / 22.4 (background knowledge). NOx counts as NO2. KeyError: no such gas."""
    return np.asarray(ppm, np.float64) * (MOLAR_MASS[gas] / MOLAR_VOLUME_L)


def nox(no_mg_m3: Any, no2_mg_m3: Any = 0.0) -> Floats:
    """NOx as NO2: C_NO 46/30 + C_NO2 (HJ 76-2017: "as NO2" is confirmed, the figures are
    background knowledge). nan where either is missing or negative."""
    no, no2 = np.asarray(no_mg_m3, np.float64), np.asarray(no2_mg_m3, np.float64)
    total = no * (MOLAR_MASS["NO2"] / MOLAR_MASS["NO"]) + no2
    return np.where((no >= 0) & (no2 >= 0), total, np.nan)
