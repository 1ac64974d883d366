"""The composite index of ambient air: methods with their weights, and the main pollutant.

Which statistic enters is said by the method's rule; how it is made is for `evaluation.py`, the
order of places for `ranking.py`. Facts are in data/index_methods.json.
Tests: tests/aqi/test_composite.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np

from aqi.exact import MILLION, Bools, Exact, Floats, Ints, half_even
from aqi.factors import POLLUTANTS
from aqi.limits import LimitSet
from aqi.rounding import whole_steps

# The statistic of each pollutant that a "sum" takes, and the limit it is divided by.
SUMMED = {
    "PM2.5": ("mean", "year"),
    "PM10": ("mean", "year"),
    "SO2": ("mean", "year"),
    "NO2": ("mean", "year"),
    "CO": ("p95", "24h"),
    "O3": ("p90", "8h_max"),
}
_INPUT_DECIMALS = 6  # concentrations come rounded; no limit set has more


@dataclass(frozen=True)
class Method:
    """``rule`` "sum": each I = C / S; "worst": each I the greatest of its quotients (mean by the
    annual limit, percentile by the daily one). Each is rounded half to even to ``item_decimals``,
    multiplied by its weight (1 where none is named), and summed."""

    name: str
    rule: Literal["sum", "worst"]
    item_decimals: int
    sum_decimals: int
    weights: Mapping[str, float]
    source: str
    sure: str

    @property
    def confirmed(self) -> bool:
        """Whether two sources or more say so."""
        return self.sure == "confirmed"


@dataclass(frozen=True)
class Index:
    """Of places: ``items`` [place, pollutant] the single indices, NaN where there is none;
    ``total`` NaN unless all six are there; ``main`` [place, pollutant]: the largest items."""

    items: Floats
    total: Floats
    main: Bools


@cache
def methods() -> dict[str, Method]:
    """Those that are known by name: "rank2014" (环办[2014]64号: confirmed), "HJ663-C" (HJ 663-2013
    appendix C: background knowledge), "w2026_unconfirmed" (one platform's)."""
    text = resources.files("aqi").joinpath("data/index_methods.json").read_text("utf-8")
    facts: dict[str, Any] = json.loads(text)["methods"]
    return {name: Method(name, **fact) for name, fact in facts.items()}


def method(name: str, weights: Mapping[str, float] | None = None) -> Method:
    """A method by its name, with other weights if any are given: it is then called "NAME*" and is
    not confirmed. ValueError: there is none of this name, or a weight of no pollutant."""
    if name not in methods():
        raise ValueError(f"there is no method {name}; there are {', '.join(methods())}")
    found = methods()[name]
    if not weights:
        return found
    for pollutant, weight in weights.items():
        if pollutant not in POLLUTANTS or not 0 <= weight <= 100:
            raise ValueError(f"{pollutant} = {weight}: a weight from 0 to 100 of a pollutant")
    return Method(
        f"{name}*",
        found.rule,
        found.item_decimals,
        found.sum_decimals,
        {**found.weights, **weights},
        found.source,
        "weights of this deployment",
    )


def quotients(concentrations: Floats, limit: float, decimals: int) -> Floats:
    """C / S rounded half to even from the exact quotient of the two decimals (环办[2014]64号:
    confirmed); NaN stays."""
    there = np.isfinite(concentrations)
    num = _units(np.where(there, concentrations, 0.0)) * 10**decimals
    den = round(limit * 10**_INPUT_DECIMALS)
    return np.where(there, half_even(num, den) / 10**decimals, np.nan)


def composite(
    how: Method, statistics: Mapping[tuple[str, str], Floats], limits: LimitSet
) -> Index:
    """The index of places by class 2 limits.

    ``statistics``: (pollutant, "mean" | "p90" | "p95" | "p98") -> rounded values of all places,
    ug/m3, CO mg/m3. Ranking rule of 2014 (confirmed by two published results): each I to 2
    decimals half to even, then summed; the main pollutant has the largest I. A missing statistic
    leaves the place without an index: five items are not comparable with six.
    """
    items = np.stack(
        [
            _item(_parts(how, pollutant, statistics), limits, pollutant, how.item_decimals)
            for pollutant in POLLUTANTS
        ],
        axis=-1,
    )
    total = _weighted(how, items)
    largest = np.max(np.where(np.isnan(items), -np.inf, items), axis=-1, keepdims=True)
    main = (items == largest) & np.isfinite(total)[..., None] & (items > 0)
    return Index(items, total, main)


def main_names(main: Sequence[bool]) -> str:
    """The main pollutants of one place, joined by ";"."""
    return ";".join(name for name, is_main in zip(POLLUTANTS, main, strict=True) if is_main)


def _parts(
    how: Method, pollutant: str, statistics: Mapping[tuple[str, str], Floats]
) -> list[tuple[Floats, str]]:
    if how.rule == "sum":
        statistic, period = SUMMED[pollutant]
        return [(statistics[pollutant, statistic], period)]
    return [
        (values, "year" if statistic == "mean" else ("8h_max" if name == "O3" else "24h"))
        for (name, statistic), values in statistics.items()
        if name == pollutant and not (statistic == "mean" and name in ("CO", "O3"))
    ]


def _item(
    parts: list[tuple[Floats, str]], limits: LimitSet, pollutant: str, decimals: int
) -> Floats:
    found = []
    for values, period in parts:
        limit = limits.limit(pollutant, period)
        assert limit is not None, f"{limits.name} has no limit of {pollutant} for {period}"
        found.append(quotients(values, float(limit), decimals))
    # NaN wins: the greater of two quotients is not known while one of them is not.
    return np.asarray(np.maximum.reduce(found))


def _weighted(how: Method, items: Floats) -> Floats:
    every: Bools = np.asarray(np.isfinite(items).all(axis=-1))
    steps = whole_steps(np.where(every[..., None], items, 0.0), how.item_decimals)
    weights = [round(how.weights.get(pollutant, 1.0) * MILLION) for pollutant in POLLUTANTS]
    num = steps.astype(np.int64) @ np.array(weights, dtype=np.int64)
    return Exact(num, np.where(every, MILLION * 10**how.item_decimals, 0)).rounded(
        how.sum_decimals
    )


def _units(values: Floats) -> Ints:
    return whole_steps(values, _INPUT_DECIMALS).astype(np.int64)
