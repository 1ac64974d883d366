"""A value against a limit: which limit holds, whether it is exceeded, and by how much.

Own limits of an outlet come before national ones; values are compared as they read after rounding
to the decimals of the limit. Knows no medium. Tests: tests/aqi/test_judging.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from aqi.rounding import Floats, decimal_of, round_half_even
from aqi.units import UnitRefused, convert

Op = Literal["le", "ge", "between"]

# Why there is no verdict, beside the marks of means (aqi/means/marks.py).
MARKS = {
    "no limit": "no limit holds for this factor and period",
    "oxygen": "so much oxygen that a value at the reference oxygen has no meaning",
    "no oxygen": "oxygen was not measured",
    "reference": "the reference oxygen of the outlet is not known",
    "not converted": "no value at the reference oxygen",
    "no flow": "nothing flowed",
    "flow": "the flow is missing or negative",
    "control": "after a failed control check",
    "background": "the background noise is too near, measure again",
    "manual": "less than 75 % of the quarter was caught: measure by hand",
    "history": "too few valid hours before the gap to make up for it",
    "long": "longer than the former rule of make-up covers",
    "no county": "no air station of the county has this hour",
    "undecidable": "below a detection limit that is above the limit",
}


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A limit. "le": at most ``high``; "ge": at least ``low``; "between": both, ends included.

    ``item``: factor code or name of an item; ``own``: of this outlet, before national ones.
    ``since``, ``until``: days, the last one not included. ``decimals``: of the comparison, None:
    those the limit is written with.
    """

    item: str
    period: str
    unit: str
    stat: str = "mean"
    op: Op = "le"
    low: float | None = None
    high: float | None = None
    since: date | None = None
    until: date | None = None
    decimals: int | None = None
    source: str = ""
    own: bool = False
    confidence: str = ""
    id: int = 0

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        begun = self.since is None or self.since <= day
        return begun and (self.until is None or day < self.until)

    @property
    def text(self) -> str:
        """ "<= 35", ">= 5", "6 - 9"; an own one as it is written: "<= 1.0"."""
        as_written = self.own and self.unit != "" and self.decimals is not None
        low, high = (
            None if each is None else f"{each:.{self.decimals}f}" if as_written else f"{each:g}"
            for each in (self.low, self.high)
        )
        return {"le": f"<= {high}", "ge": f">= {low}", "between": f"{low} - {high}"}[self.op]


class Verdict(msgspec.Struct, frozen=True):
    """``value``: rounded, in the unit of the limit; ``exceeded`` None: nobody can tell, see
    ``mark``. ``multiple``: by how much of the limit, only when exceeded and where it has a
    meaning."""

    limit: Limit | None
    value: float | None = None
    exceeded: bool | None = None
    multiple: float | None = None
    mark: str = ""


class Judged(msgspec.Struct, frozen=True):
    """Verdicts of many values: rounded, exceeded, and by how much of the limit (nan: not)."""

    values: Floats
    exceeded: NDArray[np.bool_]
    multiple: Floats


def chosen(
    limits: Iterable[Limit], items: Iterable[str], period: str, stat: str, day: date
) -> Limit | None:
    """The limit that holds for an item (by any of its names), period and statistic on a day.

    Own ones come first; of several own ones the one in force last, of those the newest; of several
    national ones the first.
    """
    names = set(items)
    fitting = [
        each
        for each in limits
        if each.item in names and (each.period, each.stat) == (period, stat) and each.holds(day)
    ]
    own = [each for each in fitting if each.own]
    if own:
        return max(own, key=lambda each: (each.since or date.min, each.id))
    return fitting[0] if fitting else None


def judge(
    value: float | None, unit: str, limit: Limit | None, mark: str = "", pollutant: str = ""
) -> Verdict:
    """A value against its limit, in the limit's unit, rounded to its decimals (GB/T 8170-2008,
    4.3.3, comparison of rounded values; background knowledge).

    ``mark``: that of the value; where it has one, or no limit holds, or the units do not go
    together ("unit"), or the number is none ("none", "absurd"), there is no verdict.
    ``pollutant``: for ppm and ppb.
    """
    if limit is None:
        return Verdict(None, value, mark=mark or "no limit")
    if value is None or math.isnan(value):
        return Verdict(limit, mark=mark or "none")
    if math.isinf(value):
        return Verdict(limit, mark="absurd")
    try:
        same = unit == limit.unit
        number = value if same else convert(value, unit, limit.unit, pollutant)
    except UnitRefused:
        return Verdict(limit, value, mark="unit")
    decimals = decimals_of(limit) if limit.decimals is None else limit.decimals
    rounded = float(round_half_even(number, decimals))
    if mark:
        return Verdict(limit, rounded, mark=mark)
    below = limit.low is not None and limit.op != "le" and rounded < limit.low
    above = limit.high is not None and limit.op != "ge" and rounded > limit.high
    exceeded = below or above
    return Verdict(limit, rounded, exceeded, _multiple(rounded, limit) if exceeded else None)


def judge_array(values: Floats, unit: str, limit: Limit, pollutant: str = "") -> Judged:
    """The same for many values without marks of one limit; nan: no verdict. UnitRefused."""
    numbers = np.asarray(values, np.float64)
    if unit != limit.unit:
        numbers = convert(numbers, unit, limit.unit, pollutant)
    decimals = decimals_of(limit) if limit.decimals is None else limit.decimals
    rounded = round_half_even(numbers, decimals)
    exceeded = np.zeros(rounded.shape, bool)
    if limit.low is not None and limit.op != "le":
        exceeded |= rounded < limit.low
    if limit.high is not None and limit.op != "ge":
        exceeded |= rounded > limit.high
    multiple = np.full(rounded.shape, np.nan)
    if _has_multiple(limit):
        high = float(limit.high or 1.0)
        multiple[exceeded] = (rounded[exceeded] - high) / high
    return Judged(rounded, exceeded, multiple)


def decimals_of(limit: Limit) -> int:
    """Decimals that a limit is written with: 35 has none, 0.03 two."""
    return max(_decimals(each) for each in (limit.low, limit.high, 0.0) if each is not None)


def _decimals(number: float) -> int:
    exponent = decimal_of(float(number)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _multiple(value: float, limit: Limit) -> float | None:
    """Exceeding by 0.5 is one and a half times the limit."""
    if limit.high is None or not _has_multiple(limit):
        return None
    high = decimal_of(limit.high)
    return float((decimal_of(value) - high) / high)


def _has_multiple(limit: Limit) -> bool:
    """Only of limits from above, and not of decibels, which are logarithms."""
    return limit.op == "le" and bool(limit.high) and limit.unit != "dB"
