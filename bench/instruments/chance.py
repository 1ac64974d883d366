"""Randomness as a function: of a seed and a moment, never of what was asked before.

A station read twice for the same minute, or from another process, shows the same values; that is
what makes a run repeatable and an average agree with the readings it is made of.
Test: tests/bench/test_curves.py.
"""

from __future__ import annotations

import math
from hashlib import blake2b

_MASK = (1 << 64) - 1


def seed_of(*parts: object) -> int:
    """A 64-bit seed from anything that prints the same each time."""
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def uniform(seed: int, n: int) -> float:
    """The n-th number of a stream, evenly in [0, 1) (splitmix64)."""
    x = (seed + n * 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return (x ^ (x >> 31)) / 2.0**64


def drift(seed: int, t: float, period_s: float) -> float:
    """A smooth curve in [-1, 1] through a random knot each ``period_s`` seconds."""
    knot = math.floor(t / period_s)
    part = t / period_s - knot
    weight = part * part * (3 - 2 * part)
    a, b = uniform(seed, knot), uniform(seed, knot + 1)
    return 2 * (a + (b - a) * weight) - 1


def wander(seed: int, t: float, period_s: float) -> float:
    """Correlated noise of about unit deviation within [-3.4, 3.4]: ``drift`` and two overtones."""
    return (
        1.6 * drift(seed, t, period_s)
        + 1.0 * drift(seed ^ 0x5555, t, period_s / 5)
        + 0.8 * drift(seed ^ 0xAAAA, t, period_s / 23)
    )


def jitter(seed: int, t: float) -> float:
    """Noise of single readings: unit deviation, no memory beyond a second."""
    n = math.floor(t)
    return (uniform(seed, n) + uniform(seed ^ 0x3333, n) + uniform(seed ^ 0xCCCC, n) - 1.5) * 2.0
