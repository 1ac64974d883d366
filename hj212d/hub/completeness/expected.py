"""How many values a device should have sent: from its intervals, by the grid of Beijing days.

Pure. A slot is the moment that a value's DataTime should say: the start of its period
(HJ 212-2017, 6.6.3), for real-time values the moment itself. Times are UTC microseconds.
Tests: tests/hub/completeness/test_expected.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from store.lateness import INTERVALS_MIN

Times = NDArray[np.int64]

SECOND_US = 1_000_000
HOUR_S = 3600
DAY_S = 86_400
DAY_US = DAY_S * SECOND_US
BEIJING_US = 8 * HOUR_S * SECOND_US

MINUTES_S = tuple(60 * minutes for minutes in INTERVALS_MIN)
# Periods whose length the standard fixes.
FIXED_S = {"hour": HOUR_S, "day": DAY_S}
ALWAYS = -(1 << 62)

# A step must come so often in a day before it is believed; less will do while no day says more.
_LEAST_STEPS = 6
_FIRST_STEPS = 2
_NEARLY = 0.1
_ROUND_S = 5


class Step(msgspec.Struct, frozen=True):
    """An interval and from when on it holds. ``origin``: "standard", "registry" or "learned"."""

    since_us: int
    interval_s: int
    origin: str


class Rhythm(msgspec.Struct, frozen=True):
    """When values of a period are due. ``steps``: in order of time, the first holds from ever."""

    period: str
    steps: tuple[Step, ...]

    @property
    def last(self) -> Step:
        """What holds in the end."""
        return self.steps[-1]

    def count(self, start_us: int, end_us: int) -> int:
        """Slots in [start, end)."""
        return sum(
            max(0, _ceiled(last, step) - _ceiled(first, step))
            for step, first, last in self.stretches(start_us, end_us)
        )

    def slots(self, start_us: int, end_us: int) -> Times:
        """The slots in [start, end), ascending."""
        found = [
            np.arange(_ceiled(first, step), _ceiled(last, step)) * (step.interval_s * SECOND_US)
            - BEIJING_US
            for step, first, last in self.stretches(start_us, end_us)
        ]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def stretches(self, start_us: int, end_us: int) -> Iterator[tuple[Step, int, int]]:
        """The steps that hold within [start, end), each with its part of it."""
        ends = [step.since_us for step in self.steps[1:]] + [end_us]
        for number, step in enumerate(self.steps):
            first = start_us if number == 0 else max(start_us, step.since_us)
            last = min(end_us, ends[number])
            if first < last:
                yield step, first, last

    def due_before(self, now_us: int, grace_s: float) -> int:
        """Slots before this moment are over, and should be there: their period has ended so long
        ago."""
        length_s = 0 if self.period == "realtime" else self.last.interval_s
        return now_us - int((length_s + grace_s) * SECOND_US) + 1


def fixed(period: str) -> Rhythm | None:
    """The rhythm of hours and days; None for a period whose interval can be set."""
    length_s = FIXED_S.get(period)
    return None if length_s is None else Rhythm(period, (Step(ALWAYS, length_s, "standard"),))


def registered(period: str, interval_s: int) -> Rhythm:
    """The rhythm that the registry says."""
    return Rhythm(period, (Step(ALWAYS, interval_s, "registry"),))


def learned(period: str, days: Iterable[tuple[int, int, int]]) -> Rhythm | None:
    """What a device's own data say: of each day its beginning, its commonest step in seconds and
    how often that came. None when nothing came often enough.

    A day that says nothing is like the one before it, the first days like the first that does. Of
    a device that is new the first steps are believed until there are more.
    """
    steps: list[Step] = []
    said = [day for day in sorted(days) if day[1] > 0 and day[2] >= _FIRST_STEPS]
    telling = [day for day in said if day[2] >= _LEAST_STEPS]
    for day_us, spacing_s, _ in telling or said[-1:]:
        interval_s = believed(period, spacing_s)
        if not steps:
            steps.append(Step(ALWAYS, interval_s, "learned"))
        elif steps[-1].interval_s != interval_s:
            steps.append(Step(day_us, interval_s, "learned"))
    return Rhythm(period, tuple(steps)) if steps else None


def moved(rhythm: Rhythm, number: int, since_us: int) -> Rhythm:
    """The same with another beginning of one step."""
    steps = list(rhythm.steps)
    steps[number] = msgspec.structs.replace(steps[number], since_us=since_us)
    return Rhythm(rhythm.period, tuple(steps))


def changed_at(times: Sequence[int], before_s: int, after_s: int) -> int | None:
    """When a device went over from one interval to another: the first of its times that is
    followed by the new step for the rest. None when that is at none of them."""
    steps = np.diff(np.asarray(times, np.int64)) // SECOND_US
    old = np.abs(steps - before_s) <= before_s * _NEARLY
    new = np.abs(steps - after_s) <= after_s * _NEARLY
    if not (old.any() and new.any()):
        return None
    # The change at which most steps are explained.
    score = np.concatenate([[0], np.cumsum(old)]) + np.concatenate(
        [np.cumsum(new[::-1])[::-1], [0]]
    )
    return int(times[int(np.argmax(score))])


def believed(period: str, spacing_s: int) -> int:
    """The interval that a measured step stands for: clocks are off by a second or two."""
    if period == "minute":
        nearest = min(MINUTES_S, key=lambda interval: abs(interval - spacing_s))
        return nearest if abs(nearest - spacing_s) <= nearest * _NEARLY else spacing_s
    rounded = round(spacing_s / _ROUND_S) * _ROUND_S
    return rounded if rounded and abs(rounded - spacing_s) <= rounded * _NEARLY else spacing_s


def day_of(time_us: int) -> int:
    """Where the Beijing day begins in which a moment lies."""
    return (time_us + BEIJING_US) // DAY_US * DAY_US - BEIJING_US


def days(start_us: int, end_us: int) -> Iterator[tuple[int, int, int]]:
    """The Beijing days that [start, end) touches: where each begins, and its part of it."""
    day = day_of(start_us)
    while day < end_us:
        yield day, max(day, start_us), min(day + DAY_US, end_us)
        day += DAY_US


def _ceiled(time_us: int, step: Step) -> int:
    """The number of the first slot that is not before a moment, counted from Beijing's 1970."""
    return -(-(time_us + BEIJING_US) // (step.interval_s * SECOND_US))
