"""Which pollutants make the index, and how often: the shares of primary pollutants.

Tests: tests/aqi/test_primary_share.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from aqi.factors import POLLUTANTS

Ties = Literal["each", "shared"]


@dataclass(frozen=True)
class Shares:
    """``counts``: periods by pollutant, in the order of reports, those never primary left out.

    ``ties`` "each": a period with two primaries counts for both, so that counts add up to more
    than ``polluted``; "shared": it counts half for each. ``clean``: periods with an index of
    ``above`` or less; ``without``: periods without an index; ``tied``: those with several.
    """

    ties: Ties
    counts: dict[str, Fraction]
    above: int
    polluted: int
    clean: int
    without: int
    tied: int

    def parts(self) -> dict[str, float]:
        """Part of all counts, 0 to 1; empty when there is none."""
        whole = sum(self.counts.values())
        return {what: float(count / whole) for what, count in self.counts.items()} if whole else {}


def primary_shares(
    rows: Iterable[tuple[int | None, str]], *, ties: Ties = "each", above: int = 50
) -> Shares:
    """Shares over rows of AQI (None: none) and its primary pollutants, joined by ";".

    HJ 633: only an AQI above 50 has primary pollutants, several stand side by side (confirmed);
    how ties count is a choice, so the answer says which. ``above`` 100: only polluted periods.
    """
    counts = {pollutant: Fraction(0) for pollutant in POLLUTANTS}
    polluted = clean = without = tied = 0
    for aqi, text in rows:
        names = [name for name in text.split(";") if name in counts] if text else []
        if aqi is None:
            without += 1
        elif aqi <= above or not names:
            clean += 1
        else:
            polluted += 1
            tied += len(names) > 1
            for name in names:
                counts[name] += 1 if ties == "each" else Fraction(1, len(names))
    return Shares(
        ties,
        {name: count for name, count in counts.items() if count},
        above,
        polluted,
        clean,
        without,
        tied,
    )
