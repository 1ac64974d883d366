"""What many stations of a kind show at many moments, as arrays: a month of a county in seconds.

The physics stand in outdoors.py and outlets.py alone: here are their functions once more, with
NumPy's behind the names that they use. Reported values are those of station.measure.
Test: tests/bench/test_reading_arrays.py holds both against each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.instruments import conditions, curves, outdoors, outlets
from bench.instruments.curves import BEIJING_S, DAY_S
from bench.instruments.station import KINDS, Station

Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.str_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST = np.uint64(31)


def uniform(seed: Any, n: Any) -> Floats:
    """chance.uniform of arrays."""
    x = _seeds(seed) + _whole(n) * _GOLDEN
    for by, times in _MIX:
        x = (x ^ (x >> by)) * times
    found: Floats = (x ^ (x >> _LAST)) / 2.0**64
    return found


def drift(seed: Any, t: Floats, period_s: float) -> Floats:
    """chance.drift of arrays."""
    knot = np.floor(t / period_s)
    part = t / period_s - knot
    weight = part * part * (3 - 2 * part)
    a, b = uniform(seed, knot), uniform(seed, knot + 1)
    return 2 * (a + (b - a) * weight) - 1


def wander(seed: Any, t: Floats, period_s: float) -> Floats:
    """chance.wander of arrays."""
    seed = _seeds(seed)
    return (
        1.6 * drift(seed, t, period_s)
        + 1.0 * drift(seed ^ np.uint64(0x5555), t, period_s / 5)
        + 0.8 * drift(seed ^ np.uint64(0xAAAA), t, period_s / 23)
    )


def jitter(seed: Any, t: Floats) -> Floats:
    """chance.jitter of arrays."""
    seed, n = _seeds(seed), np.floor(t)
    others = uniform(seed ^ np.uint64(0x3333), n) + uniform(seed ^ np.uint64(0xCCCC), n)
    return (uniform(seed, n) + others - 1.5) * 2.0


def _seeds(seed: Any) -> npt.NDArray[np.uint64]:
    return np.asarray(seed, np.uint64)


def _whole(n: Any) -> npt.NDArray[np.uint64]:
    return np.asarray(n).astype(np.uint64)


def _rush(t: Floats) -> Floats:
    """curves.rush, which asks what day it is."""
    bump = _NAMES["bump"]
    peaks: Floats = 0.1 + 0.9 * bump(t, 8, 1.6) + 0.9 * bump(t, 18, 2.0) + 0.35 * bump(t, 13, 4)
    found: Floats = np.where(_weekend(t), 0.1 + 0.55 * bump(t, 14, 5), np.minimum(1.0, peaks))
    return found


def _shift(t: Floats) -> Floats:
    """curves.shift, which does as well."""
    hour, lunch = _NAMES["hour"](t), _NAMES["bump"](t, 12.5, 0.6)
    at_work: Floats = 1 / (1 + np.exp(-6 * (hour - 7))) * 1 / (1 + np.exp(6 * (hour - 19)))
    found: Floats = at_work * (1 - 0.7 * lunch) * np.where(_weekend(t), 0.4, 1.0)
    return found


def _weekend(t: Floats) -> npt.NDArray[np.bool_]:
    return ((t + BEIJING_S) // DAY_S + 3) % 7 >= 5


_ARRAY_MATH = SimpleNamespace(
    exp=np.exp, cos=np.cos, sin=np.sin, floor=np.floor, radians=math.radians, pi=math.pi
)
_NAMES: dict[str, Any] = {
    "math": _ARRAY_MATH,
    "max": np.maximum,
    "min": np.minimum,
    "abs": np.abs,
    "uniform": uniform,
    "drift": drift,
    "wander": wander,
    "jitter": jitter,
    "rush": _rush,
    "shift": _shift,
}


def _over_arrays(module: Any, name: str) -> Callable[..., Any]:
    """The function of that module, whose names mean the array functions of this one."""
    return FunctionType(getattr(module, name).__code__, vars(module) | _NAMES)


for _module, _functions in (
    (curves, ("hour", "bump", "season", "sun", "stagnation")),
    (outdoors, ("weather",)),
    (outlets, ("rain", "boiler_load", "section_m2")),
):
    for _function in _functions:
        _NAMES[_function] = _over_arrays(_module, _function)
READ: dict[str, Callable[[Any, Floats], dict[str, Floats]]] = {
    kind: _over_arrays(module, name)
    for kind, module, name in (
        ("air", outdoors, "ambient_air"),
        ("river", outlets, "river"),
        ("sewage", outlets, "waste_water"),
        ("flue", outlets, "flue_gas"),
    )
}


def truth(stations: Sequence[Station], moments: Floats) -> dict[str, Floats]:
    """Perfect readings of stations of one kind: factor -> [station, moment]."""
    seeds = np.array([each.seed for each in stations], np.uint64)[:, None]
    found = READ[stations[0].kind](seeds, moments[None, :])
    shape = (len(stations), len(moments))
    return {code: np.broadcast_to(values, shape).copy() for code, values in found.items()}


def marks(stations: Sequence[Station], code: str, moments: Floats) -> Marks:
    """Of one factor [station, moment], without regard to values."""
    found = np.full((len(stations), len(moments)), conditions.NORMAL, "<U1")
    days = (moments + BEIJING_S) // DAY_S
    seconds = (moments + BEIJING_S) % DAY_S
    for day in np.unique(days):
        first, behind = np.searchsorted(days, (day, day + 1))
        its = seconds[first:behind]
        for row, station in enumerate(stations):
            for begin, end, mark in reversed([*conditions.spells(station.seed, code, int(day))]):
                found[row, first:behind][(its >= begin) & (its < end)] = mark
    return found


def reported(stations: Sequence[Station], code: str, values: Floats, state: Marks) -> Marks:
    """Brings ``values`` to what the instruments show, in place, digits included; final marks."""
    (factor,) = (each for each in KINDS[stations[0].kind].factors if each.code == code)
    values[state == conditions.CALIBRATION] = 0.8 * factor.high
    silent = (state == conditions.FAULT) | (state == conditions.NO_LINK)
    values[silent] = max(0.0, factor.low)
    clipped = np.clip(values, factor.low, factor.high)
    final = np.where((state == conditions.NORMAL) & (clipped != values), "T", state)
    for row, station in enumerate(stations):
        newer = station.version == "2025" and factor.decimals_2025 is not None
        digits = factor.decimals_2025 if newer else factor.decimals
        np.round(clipped[row], digits or 0, out=values[row])
    return final
