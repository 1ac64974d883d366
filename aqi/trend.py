"""The trend of yearly (or other) values: rank correlation of Spearman against critical values.

Facts are in data/spearman.json. Tests: tests/aqi/test_trend.py.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from math import isnan
from typing import Literal

LEAST = 5  # periods

Direction = Literal["rising", "falling", "none", "too_few"]


@dataclass(frozen=True)
class Trend:
    """``r``: -1 to 1, None with fewer than five values; ``critical``: what its size must reach;
    ``n``: values; ``of``: the number of values that the critical value is tabulated for."""

    direction: Direction
    r: float | None
    critical: float | None
    n: int
    of: int | None


def trend(values: Sequence[float | None], level: Literal["5%", "1%"] = "5%") -> Trend:
    """Whether values rise or fall with time.

    HJ 663-2013 appendix B (background knowledge): r = 1 - 6 sum d^2 / (N^3 - N), d the difference
    of a value's rank and its number in time, over at least five periods; a size of r at or above
    the critical value is a trend. Equal values share their mean rank. Periods without a value
    (None, NaN) are left out; above 30 values, and between two rows of the table, the next smaller
    row counts, which asks for more.
    """
    there = [value for value in values if value is not None and not isnan(value)]
    n = len(there)
    if n < LEAST:
        return Trend("too_few", None, None, n, None)
    difference = sum((rank - place) ** 2 for place, rank in enumerate(_mean_ranks(there), start=1))
    r = 1 - Fraction(6) * difference / (n**3 - n)
    table = _critical()
    of = max(size for size in table if size <= n)
    critical = table[of][0 if level == "5%" else 1]
    direction: Direction = "none"
    if abs(r) >= critical:
        direction = "rising" if r > 0 else "falling"
    return Trend(direction, float(r), float(critical), n, of)


def _mean_ranks(values: Sequence[float]) -> list[Fraction]:
    """Ranks from 1, the smallest first; equal values have the mean of their places."""
    ordered = sorted(values)
    first = {value: ordered.index(value) for value in ordered}
    count = {value: ordered.count(value) for value in first}
    return [first[value] + Fraction(count[value] + 1, 2) for value in values]


@cache
def _critical() -> dict[int, tuple[Fraction, Fraction]]:
    text = resources.files("aqi").joinpath("data/spearman.json").read_text("utf-8")
    rows = json.loads(text, parse_float=Fraction)["critical"]
    return {int(n): (Fraction(five), Fraction(one)) for n, (five, one) in rows.items()}
