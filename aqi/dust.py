"""Dust of building sites by the rules of provinces: a value, its limit, exceedances a day.

Rules are data; which one holds for a site is configuration. Tests: tests/aqi/test_dust.py.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from aqi.rounding import round_half_even


class DustLimit(msgspec.Struct, frozen=True):
    """A limit for a kind of place or phase of work, and how often a day it may be exceeded."""

    kind: str
    limit: float
    allowed_a_day: int


class DustRule(msgspec.Struct, frozen=True):
    """``difference``: the value is the site's less that of its county, which counts at most
    ``background_cap``. ``all_limits``: every limit holds at once; else the kind chooses one.
    ``decimals``: that its limits are written with."""

    standard: str
    item: str
    unit: str
    average_minutes: int
    limits: tuple[DustLimit, ...]
    confidence: str
    decimals: int
    region: str = ""
    zh: str = ""
    clause: str = ""
    difference: bool = False
    background_cap: float | None = None
    all_limits: bool = False
    confidence_note: str = ""

    def chosen(self, kind: str = "") -> tuple[DustLimit, ...]:
        """The limits for a kind; without one that fits the strictest."""
        if self.all_limits:
            return self.limits
        fitting = tuple(each for each in self.limits if each.kind == kind)
        return fitting or (min(self.limits, key=lambda each: each.limit),)


class DustCount(msgspec.Struct, frozen=True):
    """A day under a limit: exceedances among ``n`` values, and whether there were too many."""

    limit: float
    allowed: int
    exceedances: int
    n: int
    missing: int

    @property
    def exceeded(self) -> bool:
        """More often than is allowed."""
        return self.exceedances > self.allowed


class _File(msgspec.Struct, frozen=True):
    rules: dict[str, DustRule]


@cache
def rules() -> dict[str, DustRule]:
    """By standard: DB13/2934-2019 (Hebei), DB21/2642-2016 (Liaoning), DB61/1078-2017 (Shaanxi),
    DB31/964-2016 (Shanghai), GB16297-1996. Each says how sure it is."""
    found = resources.files("aqi").joinpath("data", "dust_rules.json")
    return msgspec.json.decode(found.read_bytes(), type=_File).rules


def rule_of(region: str) -> DustRule:
    """The rule of a region's province by its code; that of the nation where there is none."""
    own = (rule for rule in rules().values() if rule.region and region.startswith(rule.region))
    return next(own, rules()["GB16297-1996"])


def assessed(rule: DustRule, site: Any, county: Any = None) -> NDArray[np.float64]:
    """The values that a rule compares. nan: missing, negative, or without the county's value
    where the rule wants a difference; a difference below 0 stands (the site is cleaner).

    DB13/2934-2019: site less county of the same hour (confirmed), the county counted at most 150
    ug/m3 (background knowledge).
    """
    values = np.asarray(site, np.float64)
    values = np.where(np.isfinite(values) & (values >= 0), values, np.nan)
    if not rule.difference:
        return values
    if county is None:
        return np.full(values.shape, np.nan)
    background = np.asarray(county, np.float64)
    background = np.where(np.isfinite(background) & (background >= 0), background, np.nan)
    if rule.background_cap is not None:
        background = np.minimum(background, rule.background_cap)
    return values - background


def counts(rule: DustRule, values: Any, kind: str = "") -> tuple[DustCount, ...]:
    """Exceedances of one day's values (`assessed`) under each limit of a rule, compared after
    rounding to its decimals (by each rule's standard; background knowledge)."""
    numbers = round_half_even(np.asarray(values, np.float64), rule.decimals)
    known = np.isfinite(numbers)
    n = int(known.sum())
    return tuple(
        DustCount(
            each.limit,
            each.allowed_a_day,
            int(np.sum(numbers[known] > each.limit)),
            n,
            numbers.size - n,
        )
        for each in rule.chosen(kind)
    )
