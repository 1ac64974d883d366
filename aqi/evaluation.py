"""The statistics of HJ 663 over a span of days: values, compliance, exceedance, good days.

Takes daily concentrations of places, as arrays [place, day]; the index made of the statistics is
in `composite.py`, the AQI of days in `judge_arrays.py`. Tests: tests/aqi/test_evaluation.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from aqi.decimals import Decimals
from aqi.exact import MILLION, Bools, Exact, Floats, Ints, half_even, mean
from aqi.limits import LimitSet, decimals_of
from aqi.means.validity import Validity
from aqi.percentiles import percentile
from aqi.rounding import whole_steps
from aqi.span_days import Enough, enough_days

UNKNOWN, EXCEEDS, MEETS = -1, 0, 1
GOOD, HEAVY = 100, 200  # an AQI up to the one is a good day, above the other heavy pollution

Verdicts = npt.NDArray[np.int8]  # UNKNOWN, EXCEEDS or MEETS


class Item(NamedTuple):
    """What HJ 663 looks at: a statistic of a pollutant, held against the limit of a period."""

    pollutant: str
    statistic: str  # "mean", "p90", "p95", "p98"
    period: str  # "year", "24h", "8h_max"


@dataclass(frozen=True)
class Statistic:
    """One item of all places. ``value``: rounded as it is shown, NaN where no day is valid;
    ``exact``: unrounded; ``valid``: enough days; ``limit``: NaN where there is none; ``multiple``
    of exceedance, NaN where there is none."""

    item: Item
    exact: Exact
    value: Floats
    n: Ints
    need: int
    valid: Bools
    limit: Floats
    verdict: Verdicts
    multiple: Floats


@cache
def items() -> tuple[Item, ...]:
    """The annual items (HJ 663-2013 and -2026 table 1; of the six pollutants confirmed): PM2.5 and
    PM10 mean and P95, SO2 and NO2 mean and P98, CO P95, O3 P90 of MDA8; NOx, TSP, BaP."""
    text = resources.files("aqi").joinpath("data/evaluation_items.json").read_text("utf-8")
    return tuple(Item(*one) for one in json.loads(text)["items"])


def evaluate(
    days: Mapping[str, Floats],
    first: date,
    limits: LimitSet,
    air_class: Ints,
    decimals: Decimals,
    rules: Validity,
) -> list[Statistic]:
    """Every item of the pollutants that are there.

    ``days``: pollutant -> [place, day] of valid 24 h means, of O3 the MDA8, NaN where none, in
    ug/m3, CO mg/m3; ``first``: the first day; ``air_class``: 1 or 2 for each place. A value with
    too few days is there, but not valid, and no verdict is passed on it.
    """
    found = []
    for item in items():
        values = days.get(item.pollutant)
        if values is None:
            continue
        exact, _ = statistic(values, item.statistic)
        enough = enough_days(np.isfinite(values), first, rules)
        found.append(_judged(item, exact, enough, limits, air_class, decimals))
    return found


def statistic(values: Floats, name: str) -> tuple[Exact, Ints]:
    """A mean, or a percentile by HJ 663-2013 appendix A (confirmed), of the valid days of each
    place."""
    if name == "mean":
        return mean(values)
    return percentile(values, int(name.removeprefix("p")))


def judged(
    old: Statistic, exact: Exact, limits: LimitSet, air_class: Ints, decimals: Decimals
) -> Statistic:
    """The same item with another exact value, judged anew (three-year means)."""
    valid = old.valid & (exact.den != 0)
    return _judged(old.item, exact, Enough(old.n, old.need, valid), limits, air_class, decimals)


def verdicts(exact: Exact, limit: Decimal | None) -> Verdicts:
    """Held against a limit after rounding to the limit's own decimals (background knowledge)."""
    if limit is None:
        return np.full(exact.num.shape, UNKNOWN, dtype=np.int8)
    rounded = exact.rounded(decimals_of(limit))
    known = exact.den != 0
    met = np.where(rounded <= float(limit), MEETS, EXCEEDS)
    return np.where(known, met, UNKNOWN).astype(np.int8)


def multiple(exact: Exact, limit: Decimal, decimals: int = 2) -> Floats:
    """B = (C - S) / S where C exceeds S, to 2 decimals (HJ 663-2013; background knowledge).

    C is the value rounded to the limit's decimals, which is the one that was found to exceed: who
    reckons it again from the page gets the same.
    """
    scale = 10 ** decimals_of(limit)
    rounded = exact.rounded(decimals_of(limit))
    over = verdicts(exact, limit) == EXCEEDS
    c = whole_steps(np.where(over, rounded, 0.0), decimals_of(limit)).astype(np.int64)
    s = int(limit * scale)
    return np.where(over, half_even((c - s) * 10**decimals, s) / 10**decimals, np.nan)


def all_meet(found: list[Statistic], pollutants: tuple[str, ...]) -> Verdicts:
    """Whether every item of these pollutants meets its limit (GB 3095, HJ 663: confirmed in part).

    One that exceeds decides; else one that is not known leaves the whole unknown.
    """
    if not found:
        raise ValueError("without an item there is nothing to judge")
    looked_at = [one.verdict for one in found if one.item.pollutant in pollutants]
    if not set(pollutants) <= {one.item.pollutant for one in found}:
        looked_at.append(np.full_like(found[0].verdict, UNKNOWN))
    stacked = np.stack(looked_at)
    rest = np.where((stacked == UNKNOWN).any(axis=0), UNKNOWN, MEETS)
    return np.where((stacked == EXCEEDS).any(axis=0), EXCEEDS, rest).astype(np.int8)


class Days(NamedTuple):
    """Of each place: days that count, those of them that are fine, and their share in percent
    (NaN without a day that counts)."""

    n: Ints
    fine: Ints
    share: Floats


def share(fine: Ints, n: Ints, decimals: int = 1) -> Floats:
    """Percent, half to even (HJ 663-2013 table 3: 1 decimal; background knowledge)."""
    return Exact(fine * 100 * MILLION, n * MILLION).rounded(decimals)


def days_within_limit(
    values: Floats, pollutant: str, limits: LimitSet, air_class: Ints, decimals: int = 1
) -> Days:
    """Days on which a pollutant meets the daily limit: the compliance rate of HJ 663-2013
    (background knowledge).

    It is judged by GB 3095, never by the AQI: from 2031 on the two part.
    """
    met = np.zeros(values.shape[0], dtype=np.int64)
    n = np.isfinite(values).sum(axis=-1, dtype=np.int64)
    for number in (1, 2):
        rows = np.flatnonzero(air_class == number)
        limit = limits.daily(pollutant, number)
        if limit is None or not len(rows):
            continue
        rounded = whole_steps(values[rows], decimals_of(limit))
        steps = float(limit * 10 ** decimals_of(limit))
        with np.errstate(invalid="ignore"):
            met[rows] = (rounded <= steps).sum(axis=-1)
    return Days(n, met, share(met, n, decimals))


def good_days(aqi: npt.NDArray[np.int16], decimals: int = 1) -> Days:
    """Days with an AQI of at most 100 (优良天数), of the days with an index; below 0: none.
    Levels 1 and 2 of HJ 633 (confirmed); of which days the share is: background knowledge."""
    n = (aqi >= 0).sum(axis=-1, dtype=np.int64)
    fine = ((aqi >= 0) & (aqi <= GOOD)).sum(axis=-1, dtype=np.int64)
    return Days(n, fine, share(fine, n, decimals))


def heavy_days(aqi: npt.NDArray[np.int16]) -> Ints:
    """Days with an AQI above 200 (重度及以上污染): levels 5 and 6 of HJ 633 (confirmed)."""
    return np.asarray((aqi > HEAVY).sum(axis=-1, dtype=np.int64))


def _judged(
    item: Item,
    exact: Exact,
    enough: Enough,
    limits: LimitSet,
    air_class: Ints,
    decimals: Decimals,
) -> Statistic:
    n, need, ok = enough
    limit = np.full(n.shape, np.nan)
    verdict = np.full(n.shape, UNKNOWN, dtype=np.int8)
    over = np.full(n.shape, np.nan)
    for number in (1, 2):
        its = limits.limit(item.pollutant, item.period, number)
        rows = air_class == number
        if its is None or not rows.any():
            continue
        limit[rows] = float(its)
        verdict = np.where(rows & ok, verdicts(exact, its), verdict)
        over = np.where(rows & ok, multiple(exact, its, decimals.of("multiple")), over)
    value = exact.rounded(decimals.of("period", item.pollutant))
    return Statistic(item, exact, value, n, need, ok, limit, verdict.astype(np.int8), over)
