"""Exceptional events: what they take out of series, and the test that proposes dust.

An event never deletes: each statistic can be made with and without it. Which events are approved
is for people. Tests: tests/aqi/test_events.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from aqi.exact import Bools, Floats

# Rule of 2017 for dust (环办监测[2016]120号; the test itself background knowledge).
DUST_TAKES = ("PM2.5", "PM10")
DUST_TIMES = 2.0
DUST_LEAST = 150.0
DUST_HOURS_BEFORE = 6
DUST_BACK_WITHIN = 0.10


class Event(NamedTuple):
    """An approved event at a place: start and end are numbers on the series' own axis (hours or
    microseconds), end not included; ``pollutants`` empty: those that dust takes."""

    start: int
    end: int
    pollutants: tuple[str, ...] = ()

    def takes(self, pollutant: str) -> bool:
        """Whether values of a pollutant do not count while it lasts."""
        return pollutant in (self.pollutants or DUST_TAKES)


def taken_out(
    starts: Sequence[int] | np.ndarray, pollutant: str, events: Iterable[Event]
) -> Bools:
    """Which of the periods that begin at ``starts`` an event takes out of a pollutant's series."""
    moments = np.asarray(starts, dtype=np.int64)
    found = np.zeros(moments.shape, dtype=np.bool_)
    for event in events:
        if event.takes(pollutant):
            found |= (moments >= event.start) & (moments < event.end)
    return found


def dust_hours(pm10: Floats) -> list[tuple[int, int]]:
    """Spans (first hour, hour behind the last) in which hourly PM10 of a city, ug/m3, looks like
    dust: a proposal for people, never a decision.

    It begins when an hour is at least twice the mean of the six hours before and above 150 ug/m3,
    and ends at the first hour that is back within 10 % of that mean (环办监测[2016]120号 annex:
    background knowledge). A mean needs all six hours; an unfinished event ends with the series.
    Missing hours within an event neither end nor break it.
    """
    found: list[tuple[int, int]] = []
    hour = DUST_HOURS_BEFORE
    while hour < len(pm10):
        before = float(np.mean(pm10[hour - DUST_HOURS_BEFORE : hour]))
        # A comparison with NaN is false: neither a missing hour nor a missing mean begins dust.
        if not (pm10[hour] >= DUST_TIMES * before and pm10[hour] > DUST_LEAST):
            hour += 1
            continue
        back = before * (1 + DUST_BACK_WITHIN)
        end = next((h for h in range(hour + 1, len(pm10)) if pm10[h] <= back), len(pm10))
        found.append((hour, end))
        hour = end + 1
    return found
