"""Sums, means and quotients of many values without binary dust: integers of millionths.

A reading of 35.5 is a decimal; as a float its mean may end in ...4999 and round the wrong way. So
values become integers of a millionth first, finer than any instrument and coarser than the dust
of floats, and are rounded once, half to even (GB/T 8170-2008, confirmed). Single numbers are
rounded in `rounding.py`. Tests: tests/aqi/test_exact.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MILLION = 1_000_000
MOST = 1e7  # above it nothing is a concentration, and sums would not fit
_FITS = 1 << 62
_FINE = 10**9  # of what would not fit


class Exact(NamedTuple):
    """Fractions ``num / den``; ``den`` is 0 where there is no value, else a multiple of 10^6."""

    num: Ints
    den: Ints

    def values(self) -> Floats:
        """The nearest floats; NaN where there is none."""
        found = np.full(self.num.shape, np.nan)
        np.divide(self.num, self.den, out=found, where=self.den != 0)
        return found

    def rounded(self, decimals: int) -> Floats:
        """Half to even to so many decimals (6 at most), from the exact value; NaN where none."""
        there = self.den != 0
        units = half_even(self.num, np.where(there, self.den, MILLION) // 10**decimals)
        return np.where(there, units / 10**decimals, np.nan)


def millionths(values: Floats) -> tuple[Ints, Bools]:
    """Values as integers of a millionth, 0 for those that are none, and which are values: finite
    and not above ``MOST``."""
    numbers = np.asarray(values, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        there = np.isfinite(numbers) & (np.abs(numbers) <= MOST)
    return np.rint(np.where(there, numbers, 0.0) * MILLION).astype(np.int64), there


def half_even(num: Ints, den: Ints | int) -> Ints:
    """``num / den`` (``den`` above 0) to an integer, half to even."""
    floor, rest = np.divmod(num, den)
    twice = 2 * rest
    up = (twice > den) | ((twice == den) & (floor % 2 == 1))
    return np.asarray(floor + up, dtype=np.int64)


def mean(values: Floats, axis: int = -1) -> tuple[Exact, Ints]:
    """Means along an axis of what is a value, and of how many."""
    units, there = millionths(values)
    n = there.sum(axis=axis, dtype=np.int64)
    return Exact(units.sum(axis=axis), n * MILLION), n


def mean_of_parts(parts: Sequence[Exact]) -> Exact:
    """Mean of fractions, element by element, without rounding them first: three times 1/3 is 1.
    None where one of them is none. (Not exact to the last only where that would not fit.)"""
    num = np.zeros(parts[0].num.shape, np.int64)
    den = np.zeros(parts[0].num.shape, np.int64)
    for at in np.ndindex(num.shape):
        if all(part.den[at] for part in parts):
            each = [Fraction(int(part.num[at]), int(part.den[at])) for part in parts]
            num[at], den[at] = _fitting(sum(each, Fraction(0)) / len(each))
    return Exact(num, den)


def _fitting(value: Fraction) -> tuple[int, int]:
    """Numerator and denominator, which is a multiple of 10^6."""
    den = lcm(value.denominator, MILLION)
    num = value.numerator * (den // value.denominator)
    if abs(num) < _FITS and den < _FITS:
        return num, den
    return round(value * _FINE), _FINE
