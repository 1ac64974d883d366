"""The value of a city or region: the mean of its assessed sites. Never a mean of their AQIs.

Who is an assessed site is said by whoever asks; control (clean background) sites are none.
Tests: tests/aqi/test_region_values.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aqi.exact import Bools, Floats, Ints, mean

FEW_SITES = 4  # fewer than so many need half of them


class Shares(NamedTuple):
    """The least share of the assessed sites with a valid value (background knowledge)."""

    usual: float = 0.75
    few: float = 0.50


USUAL = Shares()


def sites_needed(sites: int, shares: Shares = USUAL) -> int:
    """How many of a place's assessed sites must have a value: 75 %, of fewer than four 50 %
    (GB 3095-2012, HJ 663-2013: background knowledge); at least one."""
    share = shares.usual if sites >= FEW_SITES else shares.few
    return max(1, int(np.ceil(round(share * sites, 9))))


def place_values(
    values: Floats, shares: Shares = USUAL, assessed: Bools | None = None
) -> tuple[Floats, Ints, Ints]:
    """Mean over the sites (first axis), of how many, and how many are needed.

    ``assessed``: which site is one when, in the shape of ``values``; None: all of them, always.
    The sites are averaged first; rounding and sub-index come after (confirmed). Where too few
    have a value the place has none: NaN.
    """
    if assessed is None:
        assessed = np.ones(values.shape, dtype=np.bool_)
    sites = assessed.sum(axis=0, dtype=np.int64)
    table = np.array([sites_needed(k, shares) for k in range(values.shape[0] + 1)])
    need = table[sites]
    exact, n = mean(np.where(assessed, values, np.nan), axis=0)
    return np.where(n >= need, exact.values(), np.nan), n, need
