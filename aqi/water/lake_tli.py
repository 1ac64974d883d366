"""The trophic level index of a lake, from chlorophyll, phosphorus, nitrogen, clarity, CODMn.

Tests: tests/aqi/water/test_lake_tli.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from aqi.water.table import trophics

LEVELS = (
    (30.0, "oligotrophic", "贫营养"),
    (50.0, "mesotrophic", "中营养"),
    (60.0, "lightly eutrophic", "轻度富营养"),
    (70.0, "moderately eutrophic", "中度富营养"),
    (math.inf, "highly eutrophic", "重度富营养"),
)


class Tli(msgspec.Struct, frozen=True):
    """``value``: the sum, None when items are missing and were not made up for; ``parts``: TLI of
    each item; ``missing``: items without a positive value."""

    value: float | None
    level: str
    level_zh: str
    parts: dict[str, float]
    missing: tuple[str, ...]


def part(item: str, value: float) -> float:
    """TLI of an item: 10 (a + b ln x); chla mg/m3, TP TN CODMn mg/L, SD m (Zongzhan Sheng Zi
    [2001] 090; background knowledge). ValueError when x is not positive."""
    line = trophics()[item]
    if not value > 0:
        raise ValueError(f"{item} must be above 0 for its logarithm")
    return 10 * (line.a + line.b * math.log(value))


def tli(values: Mapping[str, float | None], *, of_those_there: bool = False) -> Tli:
    """The weighted sum of the five (Zongzhan Sheng Zi [2001] 090; background knowledge).

    A missing item leaves no sum, unless ``of_those_there``: then the weights of the others are
    scaled to 1 and ``missing`` says that this is not the index of the rule. Below 30 oligotrophic,
    30 to 50 mesotrophic, above 50 eutrophic.
    """
    there = {
        item: value
        for item in trophics()
        if (value := values.get(item)) is not None and math.isfinite(value) and value > 0
    }
    missing = tuple(item for item in trophics() if item not in there)
    parts = {item: part(item, value) for item, value in there.items()}
    if not parts or (missing and not of_those_there):
        return Tli(None, "", "", parts, missing)
    weights = {item: trophics()[item].weight for item in parts}
    total = sum(weights[item] * parts[item] for item in parts) / math.fsum(weights.values())
    _, level, level_zh = LEVELS[_level(total)]
    return Tli(total, level, level_zh, parts, missing)


def _level(total: float) -> int:
    """Exactly 30 and 50 are mesotrophic, 60 and 70 the lighter one."""
    if total < LEVELS[0][0]:
        return 0
    return next(n for n, level in enumerate(LEVELS) if n > 0 and total <= level[0])
