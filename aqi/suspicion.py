"""Hour values of one station that look wrong, for a person to judge: nothing is decided here.

The tests are practice of stations' data review (GB 3095 and HJ 818 ask for review, not for these
figures: background knowledge); every figure is configuration. Pure: arrays in, proposals out.
Tests: tests/aqi/test_suspicion.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aqi.factors import judged_unit

Reason = Literal["constant", "jump", "inversion", "negative", "range"]
Hours = NDArray[np.floating[Any]]
Bits = NDArray[np.bool_]

_FINE, _COARSE = "PM2.5", "PM10"


class Figures(NamedTuple):
    """When a value is suspicious. Concentrations in the judged unit (CO mg/m3, else ug/m3).

    ``constant_h``: so many equal values in a row, 0: never. ``jump_times``: so many times the
    usual step from hour to hour, 0: never; ``jump_least``: the least jump of a pollutant that is
    one. ``inversion_margin``: how far PM2.5 may lie above PM10. ``range_most``: what an analyser
    measures.
    """

    constant_h: int
    jump_times: float
    jump_least: Mapping[str, float]
    inversion_margin: float
    range_most: Mapping[str, float]


class Suspicion(NamedTuple):
    """Hours ``first`` to ``last``, that not included, of a pollutant; ``note``: one sentence."""

    pollutant: str
    first: int
    last: int
    reason: Reason
    note: str


def suspicions(hours: Mapping[str, Hours], figures: Figures) -> list[Suspicion]:
    """What looks wrong in the hours of one station, in order of pollutant and hour.

    ``hours``: pollutant -> one value an hour without gaps in time, nan where there is none; all
    of the same length. Neighbouring hours of one reason are one proposal.
    """
    found = [
        one for pollutant, values in hours.items() for one in _of_one(pollutant, values, figures)
    ]
    if _FINE in hours and _COARSE in hours:
        found += _inversions(hours[_FINE], hours[_COARSE], figures.inversion_margin)
    return sorted(found, key=lambda one: (one.pollutant, one.first, one.reason))


def _of_one(pollutant: str, values: Hours, figures: Figures) -> Iterator[Suspicion]:
    unit = judged_unit(pollutant)
    for first, last in _runs(values < 0):
        least = np.nanmin(values[first:last])
        yield Suspicion(pollutant, first, last, "negative", f"down to {least:.4g} {unit}")
    most = figures.range_most.get(pollutant, np.inf)
    for first, last in _runs(values > most):
        highest = np.nanmax(values[first:last])
        sentence = f"up to {highest:.4g}, above {most:g} {unit}"
        yield Suspicion(pollutant, first, last, "range", sentence)
    if figures.constant_h:
        yield from _constants(pollutant, values, figures.constant_h)
    if figures.jump_times:
        yield from _jumps(pollutant, values, figures)


def _constants(pollutant: str, values: Hours, hours: int) -> Iterator[Suspicion]:
    """Nothing in the air stands still: an analyser that hangs, or a value that was held."""
    same = np.zeros(len(values), np.bool_)
    same[1:] = values[1:] == values[:-1]  # nan equals nothing
    for first, last in _runs(same):
        begin = first - 1  # the first of them equals none before
        if last - begin >= hours:
            sentence = f"{values[begin]:.4g} {judged_unit(pollutant)} for {last - begin} hours"
            yield Suspicion(pollutant, begin, last, "constant", sentence)


def _jumps(pollutant: str, values: Hours, figures: Figures) -> Iterator[Suspicion]:
    """One hour far above or below both its neighbours; a change that stays is weather."""
    steps = np.diff(values)
    known = np.abs(steps[np.isfinite(steps)])
    if not known.size:
        return
    usual = float(np.median(known))
    least = max(figures.jump_least.get(pollutant, 0.0), figures.jump_times * usual)
    before, after = steps[:-1], -steps[1:]
    high = (before > least) & (after > least)
    low = (before < -least) & (after < -least)
    for index in np.flatnonzero(high | low):
        hour = int(index) + 1
        sentence = (
            f"{values[hour]:.4g} between {values[hour - 1]:.4g} and {values[hour + 1]:.4g} "
            f"{judged_unit(pollutant)}"
        )
        yield Suspicion(pollutant, hour, hour + 1, "jump", sentence)


def _inversions(fine: Hours, coarse: Hours, margin: float) -> Iterator[Suspicion]:
    """PM2.5 is part of PM10: where it is more, one of both is wrong, and nobody knows which."""
    for first, last in _runs(fine > coarse + margin):
        worst = first + int(np.nanargmax(fine[first:last] - coarse[first:last]))
        sentence = f"PM2.5 {fine[worst]:.4g} above PM10 {coarse[worst]:.4g} ug/m3"
        for pollutant in (_FINE, _COARSE):
            yield Suspicion(pollutant, first, last, "inversion", sentence)


def _runs(where: Bits) -> list[tuple[int, int]]:
    """First and behind the last place of each run of true."""
    edges = np.diff(np.concatenate(([0], where.astype(np.int8), [0])))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return list(zip(begins.tolist(), ends.tolist(), strict=True))
