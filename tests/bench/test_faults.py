"""Labelled faults and episodes: drawn the same again, and doing what their names say."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from bench.instruments import episodes, faults
from bench.instruments.faults import Fault
from bench.instruments.roster import make

SPAN = (1_793_635_200.0, 1_793_635_200.0 + 12 * 86_400)
AIR = [each for each in make(120, 1) if each.kind == "air"]
TOWNS = {each.mn: each.name[:2] for each in AIR}
MINUTES = np.arange(0, 6 * 3600, 60.0)


def bent(kind: faults.FaultKind, size: float) -> np.ndarray:
    """Two hours of a steady 30 with this fault in the second hour."""
    values = np.full(len(MINUTES), 30.0)
    fault = Fault(kind=kind, mn="A", factor="a34004", start=3600, end=7200, size=size)
    faults.bend(fault, values, MINUTES, 10.0, 25.0)
    assert (values[:60] == 30).all()
    assert (values[120:] == 30).all()
    return values[60:120]


def test_a_plan_is_drawn_the_same_again() -> None:
    """By its seed; no station has two faults at a time; a region's are those of its town."""
    planned = faults.plan(AIR, TOWNS, SPAN, 7, 5)
    assert planned == faults.plan(AIR, TOWNS, SPAN, 7, 5)
    assert planned != faults.plan(AIR, TOWNS, SPAN, 8, 5)
    assert {one.kind for one in planned} == set(faults.KINDS)
    for one in planned:
        assert SPAN[0] <= one.start < one.end <= SPAN[1]
        others = [other for other in planned if other.mn == one.mn and other is not one]
        assert all(one.end < other.start or other.end < one.start for other in others)
    region = [one for one in planned if one.kind == "region"]
    (town,) = {TOWNS[one.mn] for one in region}
    assert {one.mn for one in region} == {mn for mn, its in TOWNS.items() if its == town}


def test_values_bend() -> None:
    """Stuck, spikes of some minutes, a step, and what grows."""
    assert (bent("stuck", 0) == 25).all()
    spikes = bent("spikes", 8)
    assert set(spikes) == {30.0, 110.0}
    assert 5 < (spikes == 110).sum() < 40
    assert (bent("step", 5) == 80).all()
    assert bent("gain", 2.0)[[0, 30]] == pytest.approx([30, 45])
    assert bent("offset", 3.0)[[0, 30]] == pytest.approx([30, 45])


def test_clocks_are_wrong() -> None:
    """By a jump, and by more and more."""
    jump = Fault(kind="clock_jump", mn="A", start=3600, end=7200, size=-900)
    slow = Fault(kind="clock_slow", mn="A", start=3600, end=7200, size=60)
    error = faults.clock_error_s([jump], MINUTES)
    assert (error[59], error[60], error[119], error[120]) == (0, -900, -900, 0)
    assert faults.clock_error_s([slow], MINUTES)[90] == -30


def test_an_episode_comes_to_one_after_the_other() -> None:
    """Haze reaches all stations within hours, fireworks one; before and after there is nothing."""
    random = Random(1)
    places = {each.mn: (116 + random.random() / 2, 31 + random.random() / 2) for each in AIR}
    planned = episodes.plan({"air": places}, SPAN, 3, 2)
    assert planned == episodes.plan({"air": places}, SPAN, 3, 2)
    haze = next(one for one in planned if one.kind == "haze")
    assert set(haze.arrives) == set(places)
    assert 3600 < max(haze.arrives.values()) - min(haze.arrives.values()) < 8 * 3600
    (mn,) = next(one for one in planned if one.kind == "fireworks").arrives
    assert mn in places
    moments = np.arange(haze.start - 3600, haze.end + 3600, 60)
    first = min(haze.arrives, key=haze.arrives.__getitem__)
    strength = haze.strength(first, moments)
    assert strength[0] == strength[-1] == 0
    assert 0.7 < strength.max() < 1.4
    assert haze.touches(first, haze.start, haze.start + 60)
    assert not haze.touches(first, haze.end, haze.end + 60)
