"""The state of an instrument at a moment, as the mark of its data: N, or why a value is not good.

Spells are drawn per Beijing day from the seed: a calibration each night, maintenance once a week
in working hours, a fault or a lost cable on some days. Marks are those of HJ 212-2017 table 8.
Test: tests/bench/test_instruments.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.instruments.chance import seed_of, uniform
from bench.instruments.curves import BEIJING_S, DAY_S
from bench.instruments.factors import Factor

NORMAL, CALIBRATION, MAINTENANCE, FAULT, OVER_RANGE, NO_LINK = "N", "C", "M", "D", "T", "B"

# Weather and flow are not calibrated at night.
CALIBRATED = frozenset(
    (
        *("a34013", "a21026", "a21002", "a21004", "a05024", "a21005"),
        *("w01018", "w01019", "w21001", "w21003", "w21011"),
    )
)


def spells(seed: int, code: str, day: int) -> Iterator[tuple[float, float, str]]:
    """When a factor is not normal on a Beijing day (counted since 1970): from and to, in seconds
    since its midnight, and the mark; where spells overlap the first one counts."""
    if day % 7 == seed % 5:
        yield _spell(9 + 6 * uniform(seed, day), 50, MAINTENANCE)
    own = seed_of(seed, code)
    if code in CALIBRATED:
        yield _spell(0.25 + 4 * uniform(own, 0), 12, CALIBRATION)
    lot = uniform(own, day)
    if lot < 0.015:
        yield _spell(22 * uniform(own ^ 1, day), 25 + 150 * lot / 0.015, FAULT)
    if lot > 0.99:
        yield _spell(23 * uniform(own ^ 1, day), 6, NO_LINK)


def _spell(start_h: float, minutes: float, state: str) -> tuple[float, float, str]:
    return start_h * 3600, start_h * 3600 + minutes * 60, state


def mark(seed: int, code: str, t: float) -> str:
    """The mark of a factor at a moment, without regard to its value."""
    day, second = divmod(t + BEIJING_S, DAY_S)
    for begin, end, state in spells(seed, code, int(day)):
        if begin <= second < end:
            return state
    return NORMAL


def reported(factor: Factor, value: float, state: str) -> tuple[float, str]:
    """What the instrument shows in that state, and its final mark."""
    if state == CALIBRATION:
        value = 0.8 * factor.high
    elif state in (FAULT, NO_LINK):
        value = max(0.0, factor.low)
    clipped = min(factor.high, max(factor.low, value))
    return clipped, OVER_RANGE if state == NORMAL and clipped != value else state


def period_mark(code: str, marks: list[str]) -> str:
    """Mark of a period (HJ 212-2017 annex D): water is abnormal with one abnormal value, all else
    with less than 75 % normal ones; then the commonest abnormal mark stands."""
    abnormal = [each for each in marks if each != NORMAL]
    if not abnormal or (code[0] != "w" and len(abnormal) <= len(marks) / 4):
        return NORMAL
    return max(sorted(set(abnormal)), key=abnormal.count)
