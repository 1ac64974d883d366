"""Units of readings: spellings of the field, and from one unit to another.

A unit that is not known, or that measures something else, is refused with a sentence; nothing is
guessed. States of gases are reference_state.py's. Tests: tests/aqi/test_unit_conversion.py.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, overload

import numpy as np

from aqi.reference_state import MOLAR_MASS, ug_m3_of_ppb
from aqi.rounding import Floats, decimal_of, round_half_even

# Unit -> what it measures, and the power of ten of its size in the least unit of that kind.
_SIZES: Final = {
    "ng/m3": ("mass in air", 0),
    "ug/m3": ("mass in air", 3),
    "mg/m3": ("mass in air", 6),
    "g/m3": ("mass in air", 9),
    "ppt": ("mixing ratio", 0),
    "ppb": ("mixing ratio", 3),
    "ppm": ("mixing ratio", 6),
    "ng/L": ("mass in water", 0),
    "ug/L": ("mass in water", 3),
    "mg/L": ("mass in water", 6),
    "g/L": ("mass in water", 9),
    "Pa": ("pressure", 0),
    "hPa": ("pressure", 2),
    "kPa": ("pressure", 3),
}
_ALONE: Final = ("degC", "%", "dB", "m/s", "deg", "1", "uS/cm", "m3/s", "L/s", "NTU")
_SPELLINGS: Final = {
    "毫克/立方米": "mg/m3",
    "微克/立方米": "ug/m3",
    "纳克/立方米": "ng/m3",
    "毫克/升": "mg/L",
    "微克/升": "ug/L",
    "千帕": "kPa",
    "百帕": "hPa",
    "摄氏度": "degC",
    "℃": "degC",
    "°c": "degC",
    "分贝": "dB",
    "db(a)": "dB",
    "无量纲": "1",
    "mg/nm3": "mg/m3",
    "ug/nm3": "ug/m3",
    "nmol/mol": "ppb",
    "umol/mol": "ppm",
}
_DUST: Final = 9  # decimals beyond which an array's product is floating-point dust


class UnitRefused(ValueError):
    """A unit that is not known, or that the other one cannot become; the sentence says which."""


def unit_named(text: str) -> str:
    """The unit of a spelling: "μg/m³", "UG/M3", "微克/立方米" -> "ug/m3". UnitRefused: unknown."""
    plain = text.strip().replace("µ", "u").replace("μ", "u").replace("³", "3").replace("^", "")
    plain = plain.replace("m**3", "m3").replace(" ", "")
    low = plain.lower()
    low = _SPELLINGS.get(low, low)
    known = {one.lower(): one for one in (*_SIZES, *_ALONE)}
    if low.lower() not in known:
        raise UnitRefused(f"unit {text!r} is not known; known are {', '.join(known.values())}")
    return known[low.lower()]


@overload
def convert(value: Floats, unit: str, to: str, pollutant: str = "") -> Floats: ...
@overload
def convert(value: float | Decimal, unit: str, to: str, pollutant: str = "") -> float: ...


def convert(
    value: float | Decimal | Floats, unit: str, to: str, pollutant: str = ""
) -> float | Floats:
    """The value in another unit; between ppb or ppm and mass at 298.15 K and 1013.25 hPa.

    Steps of ten are exact for values as they read (0.0355 mg/m3 is 35.5 ug/m3, not
    35.499999999999996; in arrays to 9 decimals). UnitRefused: a unit is unknown, the two measure
    different things, or the pollutant is no gas with a molar mass.
    """
    source, target = unit_named(unit), unit_named(to)
    if source == target:
        return value if isinstance(value, np.ndarray) else float(value)
    kinds = _SIZES.get(source, (source, 0)), _SIZES.get(target, (target, 0))
    (kind, size), (wanted, target_size) = kinds
    if kind == wanted:
        return _shifted(value, size - target_size)
    if {kind, wanted} != {"mixing ratio", "mass in air"}:
        raise UnitRefused(f"{unit} cannot become {to}: {kind} is not {wanted}")
    if pollutant not in MOLAR_MASS:
        raise UnitRefused(
            f"{unit} cannot become {to} for {pollutant or 'an unnamed pollutant'}: "
            f"molar masses are known of {', '.join(MOLAR_MASS)}"
        )
    grams = ug_m3_of_ppb(1.0, pollutant)
    plain = value if isinstance(value, np.ndarray) else float(value)
    ratio = grams if kind == "mixing ratio" else 1.0 / grams
    return plain * (ratio * 10.0 ** (size - target_size))


def _shifted(value: float | Decimal | Floats, places: int) -> float | Floats:
    """The value with its decimal point moved."""
    if not isinstance(value, np.ndarray):
        return float(decimal_of(value).scaleb(places))
    moved = value * 10.0**places if places > 0 else value / 10.0**-places
    return round_half_even(moved, _DUST) if places > 0 else moved
