"""What drives the day: sun, traffic, shifts and stagnant nights, by Beijing time.

Moments are UTC seconds since 1970. Test: tests/bench/test_curves.py.
"""

from __future__ import annotations

import math

BEIJING_S = 8 * 3600
DAY_S = 86400
_LATITUDE = math.radians(32)


def hour(t: float) -> float:
    """Hour of the Beijing day, 0 to 24."""
    return (t + BEIJING_S) % DAY_S / 3600


def weekend(t: float) -> bool:
    """Saturday or Sunday in Beijing."""
    return int((t + BEIJING_S) // DAY_S + 3) % 7 >= 5


def season(t: float) -> float:
    """1 at the end of July, -1 at the end of January."""
    day_of_year = (t + BEIJING_S) / DAY_S % 365.2425
    return math.cos(2 * math.pi * (day_of_year - 208) / 365.2425)


def sun(t: float) -> float:
    """Sine of the sun's height at 32 degrees north, 0 at night, below 1.0."""
    declination = math.radians(23.4) * season(t + 37 * DAY_S)
    angle = math.pi * (hour(t) - 12) / 12
    height = math.sin(_LATITUDE) * math.sin(declination) + math.cos(_LATITUDE) * math.cos(
        declination
    ) * math.cos(angle)
    return max(0.0, height)


def bump(t: float, centre_h: float, width_h: float) -> float:
    """A bell of height 1 around an hour of the day."""
    away = abs(hour(t) - centre_h)
    return math.exp(-((min(away, 24 - away) / width_h) ** 2))


def rush(t: float) -> float:
    """Traffic, 0.1 to 1: two peaks on working days, one wide and lower at the weekend."""
    if weekend(t):
        return 0.1 + 0.55 * bump(t, 14, 5)
    return min(1.0, 0.1 + 0.9 * bump(t, 8, 1.6) + 0.9 * bump(t, 18, 2.0) + 0.35 * bump(t, 13, 4))


def stagnation(t: float, wind_ms: float) -> float:
    """How little the air mixes, 0 to 1: calm nights towards dawn, least in the afternoon."""
    night = 0.5 + 0.5 * math.cos(2 * math.pi * (hour(t) - 4) / 24)
    return night * math.exp(-wind_ms / 3)


def shift(t: float) -> float:
    """Work on a site, 0 to 1: from seven to seven with a lunch break, little on Sundays."""
    h = hour(t)
    at_work = 1 / (1 + math.exp(-6 * (h - 7))) * 1 / (1 + math.exp(6 * (h - 19)))
    return at_work * (1 - 0.7 * bump(t, 12.5, 0.6)) * (0.4 if weekend(t) else 1.0)
