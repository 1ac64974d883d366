"""Rivers, waste-water outlets and stacks: what flows, what it carries, and how both hang together.

As in outdoors.py: the perfect reading at a moment, at the place that a seed stands for.
Test: tests/bench/test_curves.py.
"""

from __future__ import annotations

import math

from bench.instruments.chance import drift, jitter, uniform, wander
from bench.instruments.curves import bump, hour, season, shift, sun
from bench.instruments.outdoors import REGION, Reading

REFERENCE_OXYGEN = 6.0  # coal-fired boilers, GB 13223-2011


def rain(t: float) -> float:
    """Rain of the last hours, 0 to about 1; nothing on most days."""
    return max(0.0, drift(REGION + 41, t, 18 * 3600) - 0.45) * 1.8


def river(seed: int, t: float) -> Reading:
    """Nine factors: oxygen follows temperature and algae, everything follows a flood."""
    flood = rain(t - 3 * 3600)
    dirt = 0.6 + 0.8 * uniform(seed, 1)
    temperature = (
        16 + 10 * season(t - 20 * 86400) + 0.8 * math.cos(2 * math.pi * (hour(t) - 17) / 24)
    )
    saturation = 14.6 - 0.39 * temperature + 0.0042 * temperature**2
    algae = 0.5 + 0.4 * season(t)
    light = 0.5 * (sun(t) + sun(t - 2 * 3600))
    oxygen = saturation * (0.86 - 0.1 * dirt + 0.22 * algae * light)
    return {
        "w01010": temperature + 0.1 * wander(seed + 1, t, 7200),
        "w01001": 7.6 + 0.35 * algae * light - 0.15 * flood + 0.05 * wander(seed + 2, t, 7200),
        "w01009": max(0.5, oxygen + 0.15 * wander(seed + 3, t, 3600)),
        "w01014": max(60.0, 420 * (1 - 0.35 * flood) + 25 * wander(seed + 4, t, 86400)),
        "w01003": max(1.0, 14 + 260 * flood + 4 * wander(seed + 5, t, 5400)),
        "w01019": max(0.5, dirt * (3.1 + 2.4 * flood) + 0.2 * wander(seed + 6, t, 14400)),
        "w21003": max(0.03, dirt * (0.42 + 0.5 * flood) + 0.05 * wander(seed + 7, t, 14400)),
        "w21011": max(0.01, dirt * (0.09 + 0.16 * flood) + 0.01 * wander(seed + 8, t, 14400)),
        "w21001": max(0.2, dirt * (1.9 + 1.1 * flood) + 0.15 * wander(seed + 9, t, 14400)),
    }


def waste_water(seed: int, t: float) -> Reading:
    """Flow in L/s and what is in it (mg/L): shifts, an equalising tank, a now and then upset."""
    production = 0.35 + 0.65 * 0.5 * (shift(t) + shift(t - 2 * 3600))
    flow = (15 + 45 * uniform(seed, 1)) * production * (1 + 0.06 * wander(seed + 1, t, 600))
    upset = max(0.0, drift(seed + 2, t, 26 * 3600) - 0.8) * 5
    strength = (0.75 + 0.5 * uniform(seed, 2)) * (1 + upset) * (0.85 + 0.3 * production)
    return {
        "w00000": max(0.0, flow),
        "w01001": 7.3 - 0.25 * upset + 0.12 * wander(seed + 3, t, 3600),
        "w01018": max(5.0, strength * 32 * (1 + 0.07 * wander(seed + 4, t, 7200))),
        "w21003": max(0.05, strength * 2.1 * (1 + 0.15 * wander(seed + 5, t, 7200))),
        "w21011": max(0.02, strength * 0.24 * (1 + 0.12 * wander(seed + 6, t, 7200))),
        "w21001": max(0.5, strength * 8.6 * (1 + 0.08 * wander(seed + 7, t, 7200))),
    }


def boiler_load(seed: int, t: float) -> float:
    """Load of the boiler, 0.35 to 1: follows the day, with its own swings."""
    day = 0.62 + 0.16 * bump(t, 10, 3) + 0.2 * bump(t, 19, 3)
    return min(1.0, max(0.35, day + 0.07 * wander(seed + 1, t, 5400)))


def section_m2(seed: int) -> float:
    """Cross-section of the duct, square metres."""
    return 6 + 10 * uniform(seed, 1)


def flue_gas(seed: int, t: float) -> Reading:
    """Stack of a coal boiler behind denitrification, filter and scrubber (mg/m3, dry)."""
    load = boiler_load(seed, t)
    oxygen = 9.2 - 4.2 * load + 0.25 * wander(seed + 2, t, 600)
    velocity = 5 + 11 * load + 0.3 * wander(seed + 3, t, 120)
    temperature = 46 + 8 * load + 0.8 * wander(seed + 4, t, 1800)
    pressure = -0.12 - 0.18 * load + 0.01 * wander(seed + 5, t, 120)
    humidity = 10.5 + 2.5 * load + 0.3 * wander(seed + 6, t, 1800)
    # The scrubber loses its grip for an hour now and then; ammonia dosing hunts around its target.
    slip = 1 + 4 * max(0.0, drift(seed + 7, t, 9 * 3600) - 0.85) / 0.15
    section = section_m2(seed)
    flow = (
        velocity
        * section
        * 273
        / (273 + temperature)
        * (101.3 + pressure)
        / 101.3
        * (1 - humidity / 100)
    )
    return {
        "a00000": flow,
        "a01011": velocity,
        "a01012": temperature,
        "a01013": pressure,
        "a01014": humidity,
        "a19001": min(20.5, oxygen),
        "a34013": max(0.5, 4.2 * (0.7 + 0.4 * load) + 0.5 * wander(seed + 8, t, 900)),
        "a21026": max(0.5, 13 * slip * (0.6 + 0.5 * load) + 2 * wander(seed + 9, t, 300)),
        "a21002": max(1.0, 34 + 5 * wander(seed + 10, t, 240) + 0.3 * jitter(seed + 11, t)),
    }


def converted(value: float, oxygen: float) -> float | None:
    """Concentration at the reference oxygen (GB 13223-2011, 5.2); None with air in the stack."""
    if oxygen >= 20.9:
        return None
    return value * (21 - REFERENCE_OXYGEN) / (21 - oxygen)
