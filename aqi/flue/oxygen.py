"""Concentration at the reference oxygen (ZsRtd, ZsAvg), what limits are compared with.

Tests: tests/aqi/flue/test_oxygen.py.
"""

from __future__ import annotations

from math import isfinite

import msgspec

AIR = 21.0  # oxygen of air in these formulas, percent
MOST_OXYGEN = 25.0  # what an analyser can show at all
ANALYSER_ERROR = 0.1  # percent of oxygen: so near to 21 the quotient says nothing


class Converted(msgspec.Struct, frozen=True):
    """``value``: mg/m3 at the reference oxygen, None with a ``mark``: "none" a value is missing,
    "negative", "oxygen" O2 so near to 21 % that there is no meaning, "absurd" O2 below 0 or above
    25 %, "reference" no reference oxygen is known."""

    value: float | None
    mark: str


def convert(
    dry_concentration: float | None,
    oxygen: float | None,
    reference: float | None,
    error: float = ANALYSER_ERROR,
) -> Converted:
    """C (21 - O2ref) / (21 - O2), both dry (GB 13271-2014, 5.2; GB 13223-2011, 5.2; confirmed).

    Undefined, and not divided, with O2 at or above 21 less the error of the analyser.
    """
    if reference is None or not 0 <= reference < AIR:
        return Converted(None, "reference")
    if dry_concentration is None or not isfinite(dry_concentration):
        return Converted(None, "none")
    if oxygen is None or not isfinite(oxygen):
        return Converted(None, "none")
    if dry_concentration < 0:
        return Converted(None, "negative")
    if not 0 <= oxygen <= MOST_OXYGEN:
        return Converted(None, "absurd")
    if oxygen >= AIR - error:
        return Converted(None, "oxygen")
    return Converted(dry_concentration * ((AIR - reference) / (AIR - oxygen)), "")
