"""Limits of ambient air (GB 3095): which set applies when, and the numbers of a class.

Facts with their sources are in data/ambient_limits.json. What is judged by them: `evaluation.py`.
Tests: tests/aqi/test_ambient_limits.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

OLD = "GB3095-2012"


@dataclass(frozen=True)
class Item:
    """A pollutant's limits: period -> (class 1, class 2), in ``unit``; how ``sure`` they are."""

    unit: str
    limits: Mapping[str, tuple[Decimal, Decimal]]
    source: str
    sure: str


@dataclass(frozen=True)
class LimitSet:
    """One set of limits in force: GB 3095-2012, or a phase of GB 3095-2026."""

    name: str
    since: date
    last: date  # included
    aqi: str  # the HJ 633 that goes with it
    evaluation: str  # the HJ 663 that goes with it
    items: Mapping[str, Item]

    def limit(self, pollutant: str, period: str, air_class: int = 2) -> Decimal | None:
        """The limit of a pollutant for "year", "24h", "8h_max", "1h" or "season"; None when the
        standard has none. ug/m3, CO mg/m3."""
        if air_class not in (1, 2):
            raise ValueError(f"there is no class {air_class} of ambient air")
        item = self.items.get(pollutant)
        both = None if item is None else item.limits.get(period)
        return None if both is None else both[air_class - 1]

    def daily(self, pollutant: str, air_class: int = 2) -> Decimal | None:
        """The limit of a day: of the 24 h mean, of ozone of the daily maximum 8 h mean."""
        return self.limit(pollutant, "8h_max" if pollutant == "O3" else "24h", air_class)


@cache
def limit_sets() -> tuple[LimitSet, ...]:
    """All sets in order of time (GB 3095-2012; GB 3095-2026: phase dates confirmed)."""
    text = resources.files("aqi").joinpath("data/ambient_limits.json").read_text("utf-8")
    return tuple(_set(one) for one in json.loads(text, parse_float=Decimal)["sets"])


def limits_at(day: date) -> LimitSet:
    """The set that applies to data of a day (GB 3095-2012 and -2026; its dates confirmed)."""
    return next(one for one in limit_sets() if one.since <= day <= one.last)


def limits_named(name: str) -> LimitSet:
    """A set by its name; ValueError when there is none."""
    for one in limit_sets():
        if one.name == name:
            return one
    raise ValueError(f"there are no limits {name}")


def limits_for(first: date, last: date, chosen: str = "auto") -> tuple[LimitSet, bool]:
    """The one set by which a whole span is judged, and whether the span would have needed two.

    ``chosen``: a set's name; "old" (GB 3095-2012); "new" (GB 3095-2026: the phase of the last day,
    the transition before it begins); "auto": the set of the last day. A span that crosses from one
    set to the next is never judged by two: whoever shows the result shows the set's name and,
    when the second value is true and nothing was chosen, that days before it are in it. That
    the last day decides is a choice.
    """
    crosses = limits_at(first) != limits_at(last)
    if chosen == "auto":
        return limits_at(last), crosses
    if chosen == "old":
        return limits_named(OLD), crosses
    if chosen == "new":
        found = limits_at(last)
        return (limit_sets()[1] if found.name == OLD else found), crosses
    return limits_named(chosen), crosses


def decimals_of(limit: Decimal) -> int:
    """Of a limit as it is written: 35 has none, 0.0025 four."""
    exponent = limit.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _set(facts: dict[str, Any]) -> LimitSet:
    items = {
        pollutant: Item(
            item["unit"],
            {period: (Decimal(a), Decimal(b)) for period, (a, b) in item["limits"].items()},
            item["source"],
            item["sure"],
        )
        for pollutant, item in facts["items"].items()
    }
    return LimitSet(
        facts["name"],
        date.fromisoformat(facts["since"]) if facts["since"] else date.min,
        date.fromisoformat(facts["until"]) if facts["until"] else date.max,
        facts["aqi"],
        facts["evaluation"],
        items,
    )
