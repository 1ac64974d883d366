"""Energies of sound levels, sines and cosines of directions as integers, for use in SQL.

10^(v/10), sin and cos of two math libraries differ in the last bit; a table of integers does not.
So both engines make the same sums, whatever the order of rows. Pure; not the formulas that use the
sums. Tests: tests/store/test_integer_tables.py.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

# A level v (dB) is rounded to k = 0.01 dB, halves to even. With k - LOWEST_K = 1000 q + r its
# energy 10^(v/10) * 1e3 is (MANTISSAS[r] * TIMES[q] + OVER[q] // 2) // OVER[q]; what is below
# LEAST_LEVEL or above MOST_LEVEL has none (store/means.py).
LOWEST_K = -2000
_DIGITS = 14  # of a mantissa behind the point, beside the one digit of 10^(LOWEST_K/1000) * 1e3


def _mantissas() -> tuple[int, ...]:
    with localcontext() as context:
        context.prec = 40
        # 10^(r/1000) * 1e15: the energy of k = LOWEST_K + r is its 1e-14.
        return tuple(
            int((Decimal(10) ** (15 + Decimal(r) / 1000)).to_integral_value()) for r in range(1000)
        )


MANTISSAS = _mantissas()
TIMES: tuple[int, ...] = tuple(10 ** max(0, q - _DIGITS) for q in range(23))
OVER: tuple[int, ...] = tuple(10 ** max(0, _DIGITS - q) for q in range(23))

# A direction is rounded to 0.1 degrees, halves to even; these are of 0.0 to 359.9 degrees.
SINES_E9 = tuple(round(math.sin(math.radians(k / 10)) * 1e9) for k in range(3600))
COSINES_E9 = tuple(round(math.cos(math.radians(k / 10)) * 1e9) for k in range(3600))


def energy_e3(level_db: float) -> int:
    """10^(v/10) * 1e3 of a level between LEAST_LEVEL and MOST_LEVEL, as the engines sum it."""
    q, r = divmod(round(level_db * 100) - LOWEST_K, 1000)
    return (MANTISSAS[r] * TIMES[q] + OVER[q] // 2) // OVER[q]


def sine_e9(degrees: float) -> int:
    """sin * 1e9, as the engines sum it."""
    return SINES_E9[round(degrees * 10) % 3600]


def cosine_e9(degrees: float) -> int:
    """cos * 1e9, as the engines sum it."""
    return COSINES_E9[round(degrees * 10) % 3600]
