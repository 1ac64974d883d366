"""The standard index of a single item: S > 1 means that the target is missed.

Arrays in, arrays out; nan stays nan, what has no meaning becomes nan.
Tests: tests/aqi/water/test_standard_index.py.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Form = Literal["HJ2.3-2018", "HJ/T2.3-1993"]
Floats = NDArray[np.float64]


def index(concentration: Any, limit: float) -> Floats:
    """S = C / Cs (HJ 2.3-2018, annex D; one source)."""
    return np.asarray(concentration, np.float64) / limit


def ph_index(ph: Any, low: float = 6.0, high: float = 9.0) -> Floats:
    """(7 - pH)/(7 - low) up to 7, (pH - 7)/(high - 7) above (HJ 2.3-2018, annex D; one source).

    nan outside 0 to 14.
    """
    value = np.asarray(ph, np.float64)
    found = np.where(value <= 7, (7 - value) / (7 - low), (value - 7) / (high - 7))
    return np.where((value >= 0) & (value <= 14), found, np.nan)


def saturated_oxygen(temperature_c: Any) -> Floats:
    """DOf = 468 / (31.6 + T), mg/L at 101.325 kPa in fresh water (HJ 2.3-2018, annex D; one
    source)."""
    return 468 / (31.6 + np.asarray(temperature_c, np.float64))


def oxygen_index(
    oxygen: Any, temperature_c: Any, limit: float, form: Form = "HJ2.3-2018"
) -> Floats:
    """Index of dissolved oxygen, mg/L, against the least that is wanted.

    "HJ2.3-2018": limit/DO up to saturation, |DOf - DO|/(DOf - limit) above (background
    knowledge). "HJ/T2.3-1993": |DOf - DO|/(DOf - limit) from the limit on, 10 - 9 DO/limit below
    (one source). nan where the water is so warm that the limit is above saturation and the
    quotient has no meaning; infinite without any oxygen in the form of 2018.
    """
    value = np.asarray(oxygen, np.float64)
    full = saturated_oxygen(temperature_c)
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = np.where(full > limit, np.abs(full - value) / (full - limit), np.nan)
        if form == "HJ2.3-2018":
            found = np.where(value <= full, limit / value, beyond)
        else:
            found = np.where(value >= limit, beyond, 10 - 9 * value / limit)
    return np.where(value >= 0, found, np.nan)
