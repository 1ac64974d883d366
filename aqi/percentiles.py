"""Percentiles as HJ 663 has them, exact on decimals. Which percentile of what: `evaluation.py`.

Tests: tests/aqi/test_percentiles.py.
"""

from __future__ import annotations

import numpy as np

from aqi.exact import MILLION, Exact, Floats, Ints, millionths

_NOTHING = np.iinfo(np.int64).max


def percentile(values: Floats, p: int) -> tuple[Exact, Ints]:
    """The ``p``-th percentile along the last axis of what is a value, and of how many.

    HJ 663-2013 appendix A (confirmed): ascending x(1..n), k = 1 + (n - 1) p / 100, s = floor(k),
    m = x(s) + (x(s+1) - x(s)) (k - s). The fraction k - s is a number of hundredths, so m is an
    exact decimal. ``p``: 0 to 100, whole. NaN and what is no value are left out.
    """
    if not 0 <= p <= 100:
        raise ValueError(f"there is no {p}th percentile")
    units, there = millionths(values)
    n = there.sum(axis=-1, dtype=np.int64)
    ordered = np.sort(np.where(there, units, _NOTHING), axis=-1)
    below, hundredths = np.divmod(np.maximum(n - 1, 0) * p, 100)
    above = np.minimum(below + 1, np.maximum(n - 1, 0))
    some = n > 0
    low = np.where(some, _at(ordered, below), 0)
    high = np.where(some, _at(ordered, above), 0)
    num = low * 100 + (high - low) * hundredths
    return Exact(num, np.where(some, 100 * MILLION, 0)), n


def _at(ordered: Ints, place: Ints) -> Ints:
    if ordered.shape[-1] == 0:
        return np.zeros(ordered.shape[:-1], dtype=np.int64)
    return np.take_along_axis(ordered, place[..., None], axis=-1)[..., 0]
