"""The index once more, by fractions and the tables as people read them: what ours is held against.

Written apart from aqi/: nothing of it is used here.
"""

from __future__ import annotations

import math
from fractions import Fraction

NODES = (0, 50, 100, 150, 200, 300, 400, 500)
COLUMNS = {
    ("SO2", "24h"): (0, 50, 150, 475, 800, 1600, 2100, 2620),
    ("SO2", "1h"): (0, 150, 500, 650, 800),
    ("NO2", "24h"): (0, 40, 80, 180, 280, 565, 750, 940),
    ("NO2", "1h"): (0, 100, 200, 700, 1200, 2340, 3090, 3840),
    ("CO", "24h"): (0, 2, 4, 14, 24, 36, 48, 60),
    ("CO", "1h"): (0, 5, 10, 35, 60, 90, 120, 150),
    ("O3", "8h"): (0, 100, 160, 215, 265, 800),
    ("O3", "1h"): (0, 160, 200, 300, 400, 800, 1000, 1200),
    ("PM10", "24h"): (0, 50, 120, 250, 350, 420, 500, 600),
    ("PM2.5", "24h"): (0, 35, 60, 115, 150, 250, 350, 500),
}
BEFORE_2026 = {"PM10": 150, "PM2.5": 75}


def column(year: int, pollutant: str, average: str) -> list[int]:
    """The concentrations of a column of the table of that version."""
    found = list(COLUMNS[pollutant, average])
    if year == 2012 and pollutant in BEFORE_2026:
        found[2] = BEFORE_2026[pollutant]
    return found


def rounded(text: str, pollutant: str) -> Fraction:
    """Half to even: whole ug/m3, CO to 0.1 mg/m3."""
    steps = 10 if pollutant == "CO" else 1
    return Fraction(round(Fraction(text) * steps), steps)  # round() of a fraction is half to even


def sub_index(year: int, pollutant: str, average: str, text: str) -> int | None:
    """The sub-index of a concentration that is 0 or more, written as text."""
    value = rounded(text, pollutant)
    nodes = column(year, pollutant, average)
    if value > nodes[-1]:
        if len(nodes) == len(NODES):
            return 500
        return None if year == 2012 else NODES[len(nodes) - 1]
    for place in range(1, len(nodes)):
        low, high = nodes[place - 1], nodes[place]
        if value <= high:
            slope = Fraction(NODES[place] - NODES[place - 1], high - low)
            return math.ceil(slope * (value - low) + NODES[place - 1])
    raise AssertionError(value)


def every_concentration(pollutant: str, average: str) -> list[str]:
    """Every concentration of the pollutant's last decimal, to a tenth past the last node."""
    top = COLUMNS[pollutant, average][-1] * 11 // 10
    if pollutant == "CO":
        return [f"{tenths // 10}.{tenths % 10}" for tenths in range(top * 10 + 1)]
    return [str(whole) for whole in range(top + 1)]
