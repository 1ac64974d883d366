"""Which slots of a device are missing, and which of them lie together.

Pure. A clock that is off by seconds shifts all times alike: they are laid on the grid by what they
are commonly off. Times are UTC microseconds. Tests: tests/hub/completeness/test_gaps.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import msgspec
import numpy as np

from hj212d.hub.completeness.expected import BEIJING_US, SECOND_US, Rhythm, Times

# Gaps with no more slots than these between them are one: one request brings both.
JOINED_SLOTS = 5


class Gap(msgspec.Struct, frozen=True):
    """Missing slots from ``start_us`` on, ``end_us`` not included; some between may be there."""

    period: str
    start_us: int
    end_us: int
    missing: int


def missing(rhythm: Rhythm, times: Times, start_us: int, end_us: int) -> Times:
    """The slots in [start, end) for which none of the times stands, ascending."""
    absent = []
    for step, first, last in rhythm.stretches(start_us, end_us):
        interval = step.interval_s * SECOND_US
        near = times[(times >= first - interval) & (times < last + interval)]
        shifted = near + BEIJING_US - offset(near, interval)
        numbers = np.unique(shifted // interval)
        slots = Rhythm(rhythm.period, (step,)).slots(first, last)
        absent.append(slots[~np.isin((slots + BEIJING_US) // interval, numbers)])
    return np.concatenate([np.zeros(0, np.int64), *absent])


def offset(times: Times, interval_us: int) -> int:
    """How far times commonly stand behind their slots, before them when negative."""
    if not len(times):
        return 0
    behind, often = np.unique((times + BEIJING_US) % interval_us, return_counts=True)
    commonest = int(behind[np.argmax(often)])
    return commonest if commonest <= interval_us // 2 else commonest - interval_us


def grouped(rhythm: Rhythm, slots: Times, cuts: Iterable[int] = ()) -> list[Gap]:
    """Missing slots as gaps, oldest first; a gap of its own begins at each of ``cuts``."""
    if not len(slots):
        return []
    begins = np.append(True, _apart(rhythm, slots))
    for cut in cuts:
        at = int(np.searchsorted(slots, cut))
        if at < len(slots):
            begins[at] = True
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], len(slots))
    return [
        Gap(
            rhythm.period,
            int(slots[first]),
            int(slots[behind - 1]) + _interval_us(rhythm, int(slots[behind - 1])),
            int(behind - first),
        )
        for first, behind in zip(starts, ends, strict=True)
    ]


def without(slots: Times, ranges: Iterable[tuple[int, int]]) -> Times:
    """The slots that lie in none of the ranges, ends not included."""
    for start, end in ranges:
        slots = slots[(slots < start) | (slots >= end)]
    return slots


def _apart(rhythm: Rhythm, slots: Times) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether more than a few slots lie between each and the next."""
    widest = max(step.interval_s for step in rhythm.steps) * SECOND_US
    far = np.diff(slots) > (JOINED_SLOTS + 1) * widest
    if len(rhythm.steps) == 1:
        return far
    return np.array(
        [
            rhythm.count(int(before), int(after)) > JOINED_SLOTS + 1
            for before, after in pairwise(slots)
        ],
        bool,
    )


def _interval_us(rhythm: Rhythm, slot_us: int) -> int:
    """The length of the slot."""
    step = next(
        (step for step in reversed(rhythm.steps) if step.since_us <= slot_us), rhythm.steps[0]
    )
    return step.interval_s * SECOND_US
