"""The sub-index (IAQI) of one mean concentration, exact. For arrays see lookup.py.

Tests: tests/aqi/test_iaqi.py.
"""

from __future__ import annotations

from aqi.breakpoints import Nodes, nodes
from aqi.rounding import Number, decimal_of, round_half_even
from aqi.standards import Standard


def iaqi(
    standard: Standard, pollutant: str, average: str, concentration: Number | None
) -> int | None:
    """The sub-index of a concentration in ug/m3 (CO mg/m3); None where there is none.

    HJ 633-2012 and -2026, formula of the IAQI: linear between nodes, rounded up, an exact whole
    number stays (confirmed). The concentration is first rounded by GB/T 8170: whole ug/m3, CO to
    0.1 mg/m3 (2026: confirmed; 2012 does not say, practice). Missing, negative and not finite:
    None, never 0. Above the last node 500 (one source); SO2 1 h and O3 8 h above 800: in 2026
    200 and 300, in 2012 none (confirmed).
    """
    found = nodes(standard, pollutant, average)
    if concentration is None:
        return None
    exact = decimal_of(concentration)
    if not exact.is_finite() or exact < 0:
        return None
    return iaqi_of_steps(found, int(round_half_even(exact, found.decimals).scaleb(found.decimals)))


def iaqi_of_steps(found: Nodes, steps: int) -> int | None:
    """The sub-index of a rounded concentration, in steps of its last decimal, 0 or more (HJ 633,
    formula 1, rounded up; confirmed)."""
    if steps > found.steps[-1]:
        return found.above
    upper = next(place for place, node in enumerate(found.steps) if steps <= node)
    if steps == found.steps[upper]:
        return found.iaqi[upper]
    low, high = found.steps[upper - 1], found.steps[upper]
    rise = (found.iaqi[upper] - found.iaqi[upper - 1]) * (steps - low)
    return found.iaqi[upper - 1] - (-rise // (high - low))
