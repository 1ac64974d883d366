"""Rounding by GB/T 8170-2008: half to even on the decimal value, once. Knows no unit and no rule.

The decimal value of a float is its shortest text (2.15 is 2.15, though the binary number is a
little less), so a value rounds as it reads. Tests: tests/aqi/test_rounding.py.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import overload

import numpy as np
import numpy.typing as npt

Number = str | int | float | Decimal
Floats = npt.NDArray[np.float64]

_WIDE = Context(prec=400)  # digits of the longest float, written out
_EXACT = 2.0**50  # counts of the last digit up to here leave room for its half


def decimal_of(value: Number) -> Decimal:
    """The value as it reads. ValueError: not a number."""
    if isinstance(value, Decimal):
        return value
    try:
        # float() first: a NumPy float would write its type into its text.
        return Decimal(repr(float(value)) if isinstance(value, float) else str(value).strip())
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number") from None


@overload
def round_half_even(value: Floats, decimals: int) -> Floats: ...
@overload
def round_half_even(value: Number, decimals: int) -> Decimal: ...


def round_half_even(value: Number | Floats, decimals: int) -> Decimal | Floats:
    """The value with so many decimals, half to even (GB/T 8170-2008, 3.2; confirmed).

    A number or text gives a Decimal, an array of floats an array, the same digits in both. NaN
    and infinity stay as they are. ``decimals`` below 0: tens, hundreds.
    """
    if isinstance(value, np.ndarray):
        return _round_array(value, decimals)
    exact = decimal_of(value)
    if not exact.is_finite():
        return exact
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN, _WIDE)


def floats(values: npt.ArrayLike) -> Floats:
    """The values as an array of floats. Single precision is kept: 2.15 is 2.15 there as well, and
    not the 2.1500001 that it would be in double precision."""
    found = np.asarray(values)
    if found.dtype == np.float32:
        return found
    return found.astype(np.float64, copy=False)


def whole_steps(values: Floats, decimals: int) -> Floats:
    """How many steps of 10**-decimals the rounded values are: floats that are whole numbers.

    Exact up to 2**50 steps; beyond, and for what is not finite, the nearest whole float. In single
    precision a value is what its shortest text says, too.
    """
    if decimals == 0:
        # x.5 is a binary number and the shortest text of no other one: the processor is right.
        steps: Floats = np.rint(values)
        return steps
    scale = 10.0**decimals
    size = np.abs(values)
    below = np.floor(size.astype(np.float64, copy=False) * scale)
    # The decimal tie between two steps as a float: one division, rounded once. A value reads as
    # that tie exactly when it is that float.
    odd = below * 2.0
    odd += 1.0
    half = (odd / (2.0 * scale)).astype(size.dtype, copy=False)
    up = size > half
    # Not the remainder of a division by 2, which takes ten times as long as all the rest.
    up |= (size == half) & (np.floor(below * 0.5) * 2.0 != below)
    below += up
    return np.copysign(below, values)


def _round_array(values: Floats, decimals: int) -> Floats:
    values = np.asarray(values, dtype=np.float64)
    if decimals < 0:
        return _one_by_one(values, decimals)
    scale = 10.0**decimals
    with np.errstate(invalid="ignore", over="ignore"):
        rounded = whole_steps(values, decimals) / scale
        wide = np.isfinite(values) & (np.abs(values) * scale >= _EXACT)
    if wide.any():
        rounded[wide] = _one_by_one(values[wide], decimals)
    odd = ~np.isfinite(values)
    if odd.any():
        rounded[odd] = values[odd]
    return rounded


def _one_by_one(values: Floats, decimals: int) -> Floats:
    texts = [float(round_half_even(one, decimals)) for one in values.ravel().tolist()]
    return np.array(texts, dtype=np.float64).reshape(values.shape)
