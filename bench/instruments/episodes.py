"""Real pollution, with ground truth: it moves over the county, and no instrument is at fault.

An episode adds to the true values of the stations that it reaches, at each some time after the
one before it, steeply and then for long. Fireworks are those of one place.
Test: tests/bench/test_faults.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from bench.instruments.county import COS_LATITUDE, KM_PER_DEGREE

Floats = npt.NDArray[np.float64]
Places = Mapping[str, tuple[float, float]]  # MN -> longitude, latitude
EpisodeKind = Literal["haze", "dust", "ozone", "plume", "pulse", "fireworks"]
KINDS: tuple[EpisodeKind, ...] = EpisodeKind.__args__  # type: ignore[attr-defined]


class _Manner(msgspec.Struct, frozen=True):
    """``medium``: kind of the stations; ``hours`` how long, ``rise_min`` how steep, ``km_h`` how
    fast it moves, ``reach_km`` how far from its middle; ``adds``: to what, and how much of it."""

    medium: str
    hours: tuple[float, float]
    rise_min: tuple[float, float]
    km_h: tuple[float, float]
    reach_km: float
    adds: dict[str, tuple[float, float]]


_MANNERS: dict[EpisodeKind, _Manner] = {
    "haze": _Manner(
        "air", (24, 60), (60, 240), (10, 20), math.inf,
        {"a34004": (100, 200), "a34002": (120, 260), "a21005": (0.6, 1.4), "a21004": (15, 40)},
    ),
    "dust": _Manner(
        "air", (6, 20), (10, 40), (20, 40), math.inf,
        {"a34002": (300, 700), "a34004": (40, 120)},
    ),
    "ozone": _Manner("air", (4, 6), (60, 120), (15, 30), math.inf, {"a05024": (70, 130)}),
    "plume": _Manner(
        "air", (2, 5), (10, 30), (10, 15), 8.0,
        {"a21026": (30, 80), "a21004": (40, 90), "a34004": (20, 50)},
    ),
    "pulse": _Manner(
        "river", (8, 24), (60, 180), (3, 6), math.inf,
        {"w21003": (0.8, 2.5), "w01019": (2, 6), "w21011": (0.1, 0.4), "w01014": (80, 200)},
    ),
    "fireworks": _Manner(
        "air", (0.7, 1.3), (3, 10), (10, 20), 0.0,
        {"a34004": (120, 350), "a34002": (140, 400), "a21026": (20, 60), "a21005": (0.5, 1.5)},
    ),
}  # fmt: skip


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """``arrives``: MN -> when, UTC seconds; ``shares``: how much of it each gets; ``adds``: to
    which factors at its height."""

    kind: EpisodeKind
    start: float
    end: float  # when the last one has it behind
    hours: float
    rise_s: float
    arrives: dict[str, float]
    shares: dict[str, float]
    adds: dict[str, float]

    def touches(self, mn: str, begin: float, end: float) -> bool:
        """Whether a station has it in that time."""
        arrives = self.arrives.get(mn)
        return arrives is not None and begin < arrives + self.hours * 3600 and end >= arrives

    def strength(self, mn: str, moments: Floats) -> Floats:
        """0 to about 1: up within the rise, a slow change, away in a third of its time."""
        since = moments - self.arrives[mn]
        length = self.hours * 3600
        up = np.clip(since / self.rise_s, 0, 1)
        down = np.clip((length - since) / (length / 3), 0, 1)
        wave = 1 + 0.12 * np.sin(2 * math.pi * since / max(3600.0, length / 5))
        found: Floats = self.shares[mn] * up * up * (3 - 2 * up) * down * wave
        return found


def plan(
    places: Mapping[str, Places], span: tuple[float, float], seed: int, each: int = 3
) -> list[Episode]:
    """``each`` episodes of a kind within the span. ``places``: by kind of station."""
    random = Random(f"episodes/{seed}")
    found = []
    for kind in KINDS:
        if not places.get(_MANNERS[kind].medium):
            continue
        for _ in range(each):
            found.append(_drawn(kind, random, places[_MANNERS[kind].medium], span))
    return sorted(found, key=lambda one: one.start)


def _drawn(
    kind: EpisodeKind, random: Random, places: Places, span: tuple[float, float]
) -> Episode:
    manner = _MANNERS[kind]
    hours = random.uniform(*manner.hours)
    start = random.uniform(span[0], span[1] - hours * 3600)
    if kind == "ozone":  # of an afternoon
        start = (start + 8 * 3600) // 86_400 * 86_400 + random.uniform(11, 13) * 3600 - 8 * 3600
    middle = places[random.choice(sorted(places))]
    heading = random.uniform(0, 2 * math.pi)
    speed = random.uniform(*manner.km_h) / 3600
    along: dict[str, float] = {}
    for mn, place in places.items():
        east, north = _km(place, middle)
        if math.hypot(east, north) <= manner.reach_km:
            along[mn] = east * math.cos(heading) + north * math.sin(heading)
    first = min(along.values())
    arrives = {mn: start + (km - first) / speed for mn, km in along.items()}
    return Episode(
        kind=kind,
        start=start,
        end=max(arrives.values()) + hours * 3600,
        hours=hours,
        rise_s=random.uniform(*manner.rise_min) * 60,
        arrives=arrives,
        shares={mn: random.uniform(0.7, 1.2) for mn in along},
        adds={code: random.uniform(*bounds) for code, bounds in manner.adds.items()},
    )


def _km(place: tuple[float, float], middle: tuple[float, float]) -> tuple[float, float]:
    """East and north of the middle."""
    return (
        (place[0] - middle[0]) * KM_PER_DEGREE * COS_LATITUDE,
        (place[1] - middle[1]) * KM_PER_DEGREE,
    )
