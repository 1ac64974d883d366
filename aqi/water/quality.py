"""What a class is called, its colour, and which pollutants it is owed to.

Tests: tests/aqi/water/test_water_quality.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from aqi.water.classes import Rating
from aqi.water.table import Body, items

MOST = 3  # main pollutants that are named
_NO_MULTIPLE = ("ge", "range", "none")


class Quality(msgspec.Struct, frozen=True):
    """Words and colour of water of a class."""

    zh: str
    en: str
    colour: str
    hex: str


EXCELLENT = Quality("优", "excellent", "blue", "#0000FF")
GOOD = Quality("良好", "good", "green", "#00FF00")
LIGHT = Quality("轻度污染", "lightly polluted", "yellow", "#FFFF00")
MEDIUM = Quality("中度污染", "moderately polluted", "orange", "#FF9B00")
HEAVY = Quality("重度污染", "heavily polluted", "red", "#FF0000")

_BY_CLASS = (None, EXCELLENT, EXCELLENT, GOOD, LIGHT, MEDIUM, HEAVY)


class MainPollutant(msgspec.Struct, frozen=True):
    """An item above class III; ``multiple``: by how much of the limit of class III it exceeds it,
    None for pH, oxygen and temperature."""

    item: str
    number: int
    multiple: float | None

    @property
    def text(self) -> str:
        """氨氮（0.5）"""
        zh = items()[self.item].zh
        return zh if self.multiple is None else f"{zh}（{self.multiple:.1f}）"


def quality(number: int) -> Quality | None:
    """Words and colour of a class 1 to 6; None without one (Huanban [2011] 22, table 1;
    background knowledge; the hex codes are ours)."""
    return _BY_CLASS[number]


def multiple_of(name: str, value: float, body: Body = "river") -> float | None:
    """By how much of class III's limit a value exceeds it; None where that has no meaning.

    (C - C_III) / C_III, Huanban [2011] 22, 3.2 (one source). Negative below the limit.
    """
    item = items()[name]
    limits = item.limits(body)
    if item.direction in _NO_MULTIPLE or not limits:
        return None
    third = Fraction(str(limits[2]))
    return float((Fraction(str(value)) - third) / third)


def main_pollutants(
    rating: Rating, values: Mapping[str, float | None], body: Body = "river", most: int = MOST
) -> tuple[MainPollutant, ...]:
    """The items that a section's class is owed to, at most ``most``.

    None when it is excellent or good; else the items above class III: cyanide and heavy metals
    first, then the worst class first, then the largest multiple (Huanban [2011] 22, 3.2; one
    source). An item without a multiple stands behind those of its class that have one.
    """
    if rating.number <= 3:
        return ()
    found = [
        MainPollutant(name, number, multiple_of(name, value, body))
        for name, number in rating.classes.items()
        if number > 3 and (value := values[name]) is not None
    ]
    return tuple(sorted(found, key=_order)[:most])


def _order(one: MainPollutant) -> tuple[bool, int, bool, float]:
    none = one.multiple is None
    return (not items()[one.item].first, -one.number, none, -(one.multiple or 0.0))


def main_of_river(ratings: Sequence[Rating], most: int = MOST) -> tuple[tuple[str, float], ...]:
    """The main pollutants of a river: items by the share of sections above class III, percent.

    Huanban [2011] 22, 3.2 (background knowledge). Only sections where the item has a class count.
    """
    rated: dict[str, int] = {}
    above: dict[str, int] = {}
    for rating in ratings:
        for name, number in rating.classes.items():
            rated[name] = rated.get(name, 0) + 1
            above[name] = above.get(name, 0) + (number > 3)
    shares = [(name, 100 * above[name] / rated[name]) for name in rated if above[name]]
    return tuple(sorted(shares, key=lambda each: -each[1])[:most])
