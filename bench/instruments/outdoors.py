"""Stations in the open: weather, ambient air, dust on a building site, noise along a street.

Each function gives what a perfect instrument would read at a moment (UTC seconds) at the place
that a seed stands for; calibration, faults and digits come later. Couplings that a reader of the
data will look for are there: ozone follows sun and is eaten by fresh NO at rush hour, particles
pile up in calm nights, coarse dust follows wind and work. Test: tests/bench/test_curves.py.
"""

from __future__ import annotations

import math

from bench.instruments.chance import drift, jitter, uniform, wander
from bench.instruments.curves import bump, hour, rush, season, shift, stagnation, sun

Reading = dict[str, float]

# One county: all stations share its weather and its haze, each adds its own.
REGION = 0x212_2025


def weather(seed: int, t: float) -> Reading:
    """Temperature, humidity, pressure, wind speed and direction."""
    warm_afternoon = math.cos(2 * math.pi * (hour(t) - 15) / 24)
    front = wander(REGION + 1, t, 3 * 86400)
    temperature = (
        16 + 12 * season(t) + 4.0 * warm_afternoon + 2.5 * front + 0.3 * wander(seed, t, 1800)
    )
    humidity = 66 - 14 * warm_afternoon - 5 * front + 3 * wander(seed + 1, t, 7200)
    pressure = (
        101.0
        - 0.8 * season(t)
        - 0.35 * front
        - 1.2 * uniform(seed, 1)
        + 0.02 * wander(seed + 2, t, 3600)
    )
    wind = 2.2 + 0.7 * warm_afternoon + 0.9 * wander(REGION + 2, t, 6 * 3600)
    gust = 0.5 * wander(seed + 3, t, 120)
    direction = 180 + 170 * drift(REGION + 3, t, 8 * 3600) + 15 * wander(seed + 4, t, 300)
    return {
        "a01001": temperature,
        "a01002": min(99.0, max(12.0, humidity)),
        "a01006": pressure,
        "a01007": max(0.1, wind + gust),
        "a01008": direction % 360,
    }


def ambient_air(seed: int, t: float) -> Reading:
    """Six pollutants (ug/m3, CO mg/m3) with the weather."""
    read = weather(seed, t)
    wind, traffic, light = read["a01007"], rush(t), sun(t)
    still = stagnation(t, wind)
    haze = math.exp(0.45 * wander(REGION + 4, t, 2.5 * 86400))
    site = 0.8 + 0.4 * uniform(seed, 2)
    heating = 1 - 0.35 * season(t)

    pm25 = site * heating * haze * (18 + 22 * still + 8 * traffic) * 1.1
    pm25 *= 1 + 0.06 * wander(seed + 11, t, 900)
    coarse = site * (14 + 10 * traffic + 2.5 * max(0.0, wind - 2) ** 1.5)
    coarse *= 1 + 0.12 * wander(seed + 12, t, 1200)
    fresh_no2 = site * heating * (12 + 34 * traffic) * (0.55 + 0.9 * still)
    no2 = max(2.0, fresh_no2 * (1 - 0.35 * light) * (1 + 0.07 * wander(seed + 13, t, 900)))
    # What sun makes of the day's air, less what fresh NO takes away on the spot.
    made = 105 * light * (0.75 + 0.35 * season(t)) * bump(t, 14.5, 5)
    ozone = 52 + made - 0.75 * no2 - 14 * still + 5 * wander(seed + 14, t, 2400)
    so2 = site * heating * (6 + 5 * bump(t, 11, 3)) * (1 + 0.15 * wander(seed + 15, t, 3600))
    co = heating * haze**0.5 * (0.32 + 0.45 * traffic * (0.5 + still) + 0.2 * still)
    read.update(
        {
            "a34004": max(1.0, pm25 + 0.4 * jitter(seed + 16, t)),
            "a34002": max(2.0, pm25 + coarse + 0.6 * jitter(seed + 17, t)),
            "a21026": max(0.5, so2),
            "a21004": no2,
            "a05024": max(2.0, ozone),
            "a21005": max(0.05, co * (1 + 0.05 * wander(seed + 18, t, 900))),
        }
    )
    return read


def street_noise(seed: int, t: float) -> Reading:
    """A-weighted level: traffic under single vehicles."""
    level = 47 + 13 * rush(t) ** 0.5 + 3 * uniform(seed, 3)
    passing = max(0.0, wander(seed + 21, t, 25) - 0.6)
    return {"LA": level + 1.2 * jitter(seed + 22, t) + 5.5 * passing}


def building_site(seed: int, t: float) -> Reading:
    """Dust in three sizes, noise and weather; work and wind stir it, water cannons lay it."""
    read = weather(seed, t)
    work = shift(t)
    machine = max(0.0, 0.7 + 0.6 * wander(seed + 31, t, 1500))
    background = 55 * math.exp(0.4 * wander(REGION + 4, t, 2.5 * 86400))
    stirred = (120 * work * machine + 6 * max(0.0, read["a01007"] - 3) ** 2) * (
        0.4 if uniform(seed + 32, math.floor(t / 1800)) < 0.3 else 1.0
    )
    tsp = background * 1.6 + stirred + 3 * jitter(seed + 33, t)
    read.update(
        {
            "a34001": max(5.0, tsp),
            "a34002": max(4.0, background + 0.45 * stirred + jitter(seed + 34, t)),
            "a34004": max(3.0, 0.6 * background + 0.12 * stirred),
            "LA": 48 + 22 * work * min(1.0, machine) + 2 * jitter(seed + 35, t),
        }
    )
    return read
