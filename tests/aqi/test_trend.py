"""Spearman's rank correlation, and what counts as a trend."""

from __future__ import annotations

import json
from importlib import resources
from itertools import permutations

import pytest

from aqi.trend import trend


def test_five_years() -> None:
    """Falling without a break is a trend; one exchange of neighbours still is (r = 0.9)."""
    assert trend([60, 55, 50, 45, 40]).direction == "falling"
    rising = trend([35, 36, 38, 37, 40])
    assert (rising.direction, rising.r, rising.critical) == ("rising", 0.9, 0.9)
    assert trend([35, 36, 38, 37, 40], "1%").direction == "none"
    assert trend([35, 40, 36, 38, 37]).direction == "none"


def test_too_few_and_gaps() -> None:
    """Four values are no trend; what is missing does not count."""
    few = trend([1, 2, None, 3, float("nan"), 4])
    assert (few.direction, few.n, few.r) == ("too_few", 4, None)


def test_equal_values_share_ranks() -> None:
    """Ranks 1, 2.5, 2.5, 4, 5: d is 0, 0.5, -0.5, 0, 0."""
    assert trend([1, 2, 2, 3, 4]).r == pytest.approx(1 - 6 * 0.5 / 120)


def test_between_rows_of_the_table() -> None:
    """Eleven values are held against ten, which asks for more."""
    assert trend(list(range(11))).of == 10
    assert trend(list(range(40))).of == 30


@pytest.mark.parametrize("n", [5, 6, 7])
def test_critical_values_are_those_of_chance(n: int) -> None:
    """Of all orders of n values at most 5 % (1 %) reach the critical value, and the next smaller
    value of r would be reached by more."""
    text = resources.files("aqi").joinpath("data/spearman.json").read_text("utf-8")
    table = json.loads(text)["critical"][str(n)]
    order = range(n)
    found = sorted(
        round(1 - 6 * sum((a - b) ** 2 for a, b in zip(order, other, strict=True)) / (n**3 - n), 3)
        for other in permutations(order)
    )
    for critical, chance in zip(table, (0.05, 0.01), strict=True):
        assert sum(r >= critical for r in found) <= chance * len(found)
        below = max(r for r in found if r < critical)
        assert sum(r >= below for r in found) > chance * len(found)
