"""The days of 24 h of places, from hours measured and forecast: their AQI, and the skill that it
stands on. Pure.

Each window is judged as HJ 633 judges a day: means of enough hours, ozone as the greatest 8 h
mean. Tests: tests/alerts/warnings/test_warning_windows.py.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from alerts.warnings.level import Day
from alerts.warnings.table import DAY_H
from aqi.factors import POLLUTANTS
from aqi.forecast.days import forecast_days
from aqi.judge_arrays import primary_names

HOUR_S = 3600
Floats = NDArray[np.float64]


class Course(msgspec.Struct, frozen=True):
    """Hours of places in a row. ``first_s``: when the first begins, seconds since 1970, UTC.
    ``values``: pollutant -> shape (places, hours), ug/m3, CO mg/m3, nan for none; the first
    ``measured`` columns were measured, the others are forecast. ``skills``: in that shape, of the
    forecast hours."""

    first_s: int
    measured: int
    values: Mapping[str, Floats]
    skills: Mapping[str, Floats]


def windows(course: Course, *, calendar: bool, above: int) -> list[list[Day]]:
    """For each place all windows that begin at a whole hour, or at midnight in Beijing, in order
    of their beginnings. The skill is looked up for those of an AQI of more than ``above`` only."""
    shape = next(iter(course.values.values())).shape
    places, hours = shape
    found: list[list[Day]] = [[] for _ in range(places)]
    if hours < DAY_H:
        return found
    axis = course.first_s + HOUR_S * np.arange(hours, dtype=np.int64)
    for offset in range(1 if calendar else DAY_H):
        # Hours called earlier than they are: days of the calendar then begin at that hour.
        days = forecast_days(axis - offset * HOUR_S, course.values)
        for start_s, judged in zip(days.days, days.judged, strict=True):
            start = int(start_s) + offset * HOUR_S
            first = (start - course.first_s) // HOUR_S
            ahead = min(DAY_H, max(0, first + DAY_H - course.measured))
            span = slice(max(first, course.measured), first + DAY_H)
            for place in range(places):
                index = int(judged.aqi[place])
                if index < 0:
                    found[place].append(Day(start, None, ahead_h=ahead))
                    continue
                primary = primary_names(int(judged.primary[place]))
                skill = _skill(course, place, span, primary) if index > above else None
                found[place].append(Day(start, index, primary, skill, ahead))
    for some in found:
        some.sort(key=lambda day: day.start_s)
    return found


def believed(days: list[Day], least_skill: float) -> list[Day]:
    """The same, with no AQI where it stands on a forecast without more skill than that."""
    return [
        day
        if not day.ahead_h or (day.skill is not None and day.skill > least_skill)
        else day._replace(aqi=None)
        for day in days
    ]


def _skill(course: Course, place: int, span: slice, primary: tuple[str, ...]) -> float | None:
    """The least of what makes the AQI, None where it is not known of an hour that is forecast."""
    least: float | None = None
    for pollutant in primary or POLLUTANTS:
        if pollutant not in course.skills:
            continue
        said = np.isfinite(course.values[pollutant][place, span])
        skills = course.skills[pollutant][place, span][said]
        if not len(skills):
            continue
        lowest = float(skills.min())
        if np.isnan(lowest):
            return None
        least = lowest if least is None else min(least, lowest)
    return least
