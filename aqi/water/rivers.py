"""A river by its sections: the shares of their classes, or the means of a few.

Tests: tests/aqi/water/test_rivers.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from aqi.rounding import decimal_of, round_half_even
from aqi.water.classes import NOT_RATED, WORSE, Rating, rate
from aqi.water.quality import EXCELLENT, GOOD, HEAVY, LIGHT, MEDIUM, Quality, quality
from aqi.water.table import items

FEWEST_FOR_SHARES = 5


class River(msgspec.Struct, frozen=True):
    """``method``: "shares", "means" (fewer than five sections), "none" (no section has a class).
    Shares in percent of the sections that have one; ``rating`` only by means."""

    method: str
    sections: int
    good_share: float | None
    worse_share: float | None
    quality: Quality | None
    rating: Rating | None = None


def by_shares(good: int, worse: int, sections: int) -> Quality:
    """Quality of a river from its counts: ``good`` sections of class I to III, ``worse`` ones
    worse than V. Huanban [2011] 22, table 2 (background knowledge).

    Exactly 60 % good and 40 % worse stands in no row of that table: heavy, by the worse ones.
    """
    if sections <= 0 or good + worse > sections:
        raise ValueError("no sections, or more good and worse ones than there are")
    if 100 * good >= 90 * sections:
        return EXCELLENT
    if 100 * good >= 75 * sections:
        return GOOD
    if 100 * worse < 20 * sections:
        return LIGHT
    return MEDIUM if 100 * worse < 40 * sections else HEAVY


def river(
    sections: Sequence[Mapping[str, float | None]], ratings: Iterable[Rating] | None = None
) -> River:
    """A river from the values of its sections (Huanban [2011] 22, 3.3; background knowledge).

    ``ratings``: those of the sections, where more is known of them than the values say (the
    saturation of oxygen); None: by the values.
    """
    known = map(rate, sections) if ratings is None else ratings
    rated = [each for each in known if each.number != NOT_RATED]
    if not rated:
        return River("none", 0, None, None, None)
    numbers = [each.number for each in rated]
    good, worse, count = sum(n <= 3 for n in numbers), numbers.count(WORSE), len(numbers)
    shares = (100 * good / count, 100 * worse / count)
    if count >= FEWEST_FOR_SHARES:
        return River("shares", count, *shares, by_shares(good, worse, count))
    rating = rate(mean_values(sections))
    return River("means", count, *shares, quality(rating.number), rating)


def mean_values(sections: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """The mean of each item over the sections that have it, to the item's decimals."""
    found: dict[str, list[float]] = {}
    for values in sections:
        for name, value in values.items():
            if name in items() and value is not None and value >= 0:
                found.setdefault(name, []).append(value)
    return {
        name: float(round_half_even(_mean(values), items()[name].decimals))
        for name, values in found.items()
    }


def _mean(values: Sequence[float]) -> Decimal:
    """Of the values as they read, so that a tie is one."""
    return sum(map(decimal_of, values), Decimal()) / len(values)
