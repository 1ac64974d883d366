"""A year of days as weeks and months, each with its value and level. Not how it is drawn.

Tests: tests/aqi/test_patterns.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from aqi.standards import level_of


@dataclass(frozen=True)
class Day:
    """One square: ``week`` 0 holds the 1st, ``weekday`` 0 is Monday; None: no value."""

    day: date
    week: int
    weekday: int
    value: int | None
    level: int | None


def calendar_table(
    first: date, last: date, values: Mapping[date, int | None]
) -> dict[str, list[Day]]:
    """The days from first to last (both included) by month "2026-03"; AQI of each where given.

    ValueError when the last day is before the first.
    """
    if last < first:
        raise ValueError(f"the calendar ends on {last}, before it begins on {first}")
    months: dict[str, list[Day]] = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        value = values.get(day)
        level = None if value is None else level_of(value).level
        lead = day.replace(day=1).weekday()
        months.setdefault(f"{day:%Y-%m}", []).append(
            Day(day, (day.day - 1 + lead) // 7, day.weekday(), value, level)
        )
    return months


def days_by_level(months: Mapping[str, list[Day]]) -> dict[int, int]:
    """How many days of each level 1 to 6; 0 counts those without a value."""
    counts = dict.fromkeys(range(7), 0)
    for days in months.values():
        for day in days:
            counts[day.level or 0] += 1
    return counts
