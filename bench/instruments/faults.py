"""What goes wrong with stations, with ground truth: which kind, where, from when to when.

A fault is a label and, by its kind and size, what it does to values, clocks and frames; what real
pollution does stands in episodes.py. The same seed, the same faults.
Test: tests/bench/test_faults.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from bench.instruments.station import Station

Floats = npt.NDArray[np.float64]
FaultKind = Literal[
    "stuck",  # the value of its beginning is shown all the time
    "spikes",  # now and then some values in a row are far too high; size: times the usual spread
    "step",  # all are off by size times the usual spread
    "gain",  # all are multiplied by what grows from 1 to size
    "offset",  # what grows from 0 to size times the usual spread is added to all
    "clock_jump",  # the clock is wrong by size seconds
    "clock_slow",  # it loses size seconds an hour
    "silent",  # nothing comes, and what was measured is lost
    "link",  # nothing comes; it comes afterwards
    "device",  # one factor is missing
    "region",  # as "silent", of all stations of a town
    "bad_frames",  # size: share of the frames that cannot be read
]
KINDS: tuple[FaultKind, ...] = FaultKind.__args__  # type: ignore[attr-defined]
OF_VALUES = frozenset(("stuck", "spikes", "step", "gain", "offset"))
NOTHING_COMES = frozenset(("silent", "link", "region"))

# Factors that faults are drawn for, and by how much they usually differ in a day.
SPREAD: dict[str, dict[str, float]] = {
    "air": {"a34004": 15, "a34002": 22, "a21026": 4, "a21004": 14, "a05024": 35, "a21005": 0.25},
    "river": {"w01001": 0.3, "w01009": 1.0, "w01014": 40, "w01003": 8, "w21003": 0.3},
    "sewage": {"w01001": 0.3, "w01018": 8, "w21003": 0.8, "w21001": 2.5},
    "flue": {"a21026": 6, "a21002": 8, "a34013": 1.5, "a19001": 1.0},
}
_DRIFTING = {"air": ("a34004", "a34002", "a21004", "a05024")}  # seen beside neighbours only
_HOURS: dict[FaultKind, tuple[float, float]] = {
    "stuck": (8, 30),
    "spikes": (1, 3),
    "step": (4, 16),
    "gain": (120, 200),
    "offset": (120, 200),
    "clock_jump": (3, 12),
    "clock_slow": (24, 48),
    "silent": (0.5, 8),
    "link": (0.5, 8),
    "device": (3, 12),
    "region": (1, 5),
    "bad_frames": (2, 8),
}
_SIZES: dict[FaultKind, tuple[float, float]] = {
    "spikes": (8, 20),
    "step": (5, 12),
    "gain": (1.6, 2.4),
    "offset": (2, 4),
    "clock_slow": (30, 90),
    "bad_frames": (0.3, 0.9),
}
_JUMPS_S = (-8 * 3600.0, -2400.0, -900.0, 900.0, 2400.0, 8 * 3600.0)
_ANALYSERS = ("w01018", "w01019", "w21")  # show one result for hours: stuck for twice as long
_APART_S = 12 * 3600.0  # between two faults of a station
_RUN, _PAUSE = (2, 6), (5, 15)  # samples of a spike, and between two


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a station (``factor`` "") or with one factor, UTC seconds."""

    kind: FaultKind
    mn: str
    factor: str = ""
    start: float
    end: float
    size: float = 0.0


def plan(
    stations: Sequence[Station],
    towns: Mapping[str, str],
    span: tuple[float, float],
    seed: int,
    each: int = 10,
) -> list[Fault]:
    """``each`` faults of a kind within the span, and outages of ``each`` // 5 towns; no station
    has two at a time. ``towns``: by MN. Drifts are given to the first whom they fit."""
    random = Random(f"faults/{seed}")
    found: list[Fault] = []
    for kind in sorted(KINDS, key=lambda one: -_HOURS[one][1]):
        made = 0
        for _ in range(40 * each):
            if made >= (max(1, each // 5) if kind == "region" else each):
                break
            drawn = _drawn(kind, random, stations, towns, span)
            if drawn and not any(_meet(one, other) for one in drawn for other in found):
                found += drawn
                made += 1
    return sorted(found, key=lambda one: (one.start, one.mn))


def _drawn(
    kind: FaultKind,
    random: Random,
    stations: Sequence[Station],
    towns: Mapping[str, str],
    span: tuple[float, float],
) -> list[Fault]:
    """A fault at random, of one station or of a town; none where it does not fit."""
    station = random.choice(stations)
    factor = ""
    if kind in OF_VALUES or kind == "device":
        factors = _drawn_from(kind, station)
        if not factors:
            return []
        factor = random.choice(factors)
    hours = random.uniform(*_HOURS[kind]) * (
        2 if kind == "stuck" and factor.startswith(_ANALYSERS) else 1
    )
    start = random.uniform(span[0], max(span[0], span[1] - hours * 3600))
    end = min(span[1], start + hours * 3600)
    size = random.uniform(*_SIZES[kind]) if kind in _SIZES else 0.0
    if kind == "clock_jump":
        size = random.choice(_JUMPS_S)
    mns = [station.mn]
    if kind == "region":
        mns = [each.mn for each in stations if towns[each.mn] == towns[station.mn]]
    return [Fault(kind=kind, mn=mn, factor=factor, start=start, end=end, size=size) for mn in mns]


def _drawn_from(kind: FaultKind, station: Station) -> tuple[str, ...]:
    if kind in ("gain", "offset"):
        return _DRIFTING.get(station.kind, ())
    return tuple(SPREAD[station.kind])


def _meet(one: Fault, other: Fault) -> bool:
    return (
        one.mn == other.mn
        and one.start < other.end + _APART_S
        and other.start < one.end + _APART_S
    )


def bend(fault: Fault, values: Floats, moments: Floats, spread: float, held: float) -> None:
    """What a fault does to the true values of its factor, in place. ``held``: the true value of
    the fault's beginning."""
    within = (moments >= fault.start) & (moments < fault.end)
    if not within.any():
        return
    done = (moments[within] - fault.start) / (fault.end - fault.start)
    match fault.kind:
        case "stuck":
            values[within] = held
        case "spikes":
            values[within & _spiked(fault, moments)] += fault.size * spread
        case "step":
            values[within] += fault.size * spread
        case "gain":
            values[within] *= 1 + (fault.size - 1) * done
        case "offset":
            values[within] += fault.size * spread * done


def _spiked(fault: Fault, moments: Floats) -> npt.NDArray[np.bool_]:
    """Which minutes since its beginning have a spike."""
    random = Random(f"spikes/{fault.mn}/{fault.start}")
    minutes: list[bool] = []
    while len(minutes) < (fault.end - fault.start) / 60 + 1:
        minutes += [True] * random.randint(*_RUN) + [False] * random.randint(*_PAUSE)
    since = np.clip((moments - fault.start) // 60, 0, len(minutes) - 1).astype(int)
    found: npt.NDArray[np.bool_] = np.array(minutes)[since]
    return found


def clock_error_s(faults: Iterable[Fault], moments: Floats) -> Floats:
    """By how much the clock of a station with these faults is wrong."""
    error = np.zeros_like(moments)
    for fault in faults:
        within = (moments >= fault.start) & (moments < fault.end)
        if fault.kind == "clock_jump":
            error[within] += fault.size
        elif fault.kind == "clock_slow":
            error[within] -= (moments[within] - fault.start) / 3600 * fault.size
    return error
