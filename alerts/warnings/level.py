"""Which warning level the days ahead give, by a table. Pure.

Tests: tests/alerts/warnings/test_warning_level.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from alerts.warnings.table import DAY_H, Condition, Conditions, LevelName, Table

DAY_S = DAY_H * 3600
HALF_DAY_H = 12


class Day(NamedTuple):
    """24 h in a row. ``start_s``: seconds since 1970, UTC; ``aqi`` None: not known, or forecast
    without skill. ``ahead_h``: how many of its hours are forecast, the others were measured.
    ``skill``: the least of its forecast hours, None where all were measured."""

    start_s: int
    aqi: int | None
    primary: tuple[str, ...] = ()
    skill: float | None = None
    ahead_h: int = DAY_H


class Warning(msgspec.Struct, frozen=True):
    """``begins_s``: the first of the days in a row that give it; ``until_s``: the end of the last
    24 h that are above as these are, without a gap between. ``peak``: the highest AQI of 24 h in
    that time, with what makes it. ``skill``: the least of the forecasts that the level stands on.
    """

    level: LevelName
    begins_s: int
    until_s: int
    peak: int
    primary: tuple[str, ...]
    skill: float | None
    conditions: Conditions
    table: str


def level(table: Table, days: Sequence[Day]) -> Warning | None:
    """The gravest level that the days give, by those of its runs that begin first; None for none.

    ``days`` may begin at any hours and overlap: those that follow each other by 24 h are in a row.
    A run counts when at least half of its last day lies ahead: what was is no warning.
    """
    by_start = {day.start_s: day for day in days}
    starts = sorted(by_start)
    for name, alternatives in table.levels:
        found = [
            run for some in alternatives if (run := _first_run(some, starts, by_start)) is not None
        ]
        if found:
            conditions, days_in_a_row = min(found, key=lambda one: one[1][0].start_s)
            return _warning(table, name, conditions, days_in_a_row, days)
    return None


_Run = tuple[Conditions, list[Day]]


def _first_run(
    conditions: Conditions, starts: Sequence[int], by_start: dict[int, Day]
) -> _Run | None:
    longest, *others = conditions
    for start in starts:
        run = _chain(longest, start, by_start)
        if len(run) * DAY_H < longest.hours or run[-1].ahead_h < HALF_DAY_H:
            continue
        end = run[-1].start_s + DAY_S
        if all(_within(one, start, end, starts, by_start) for one in others):
            return conditions, run
    return None


def _within(
    wanted: Condition, begin: int, end: int, starts: Sequence[int], by_start: dict[int, Day]
) -> bool:
    latest = end - wanted.hours * 3600
    return any(
        len(_chain(wanted, start, by_start)) * DAY_H >= wanted.hours
        for start in starts
        if begin <= start <= latest
    )


def _chain(wanted: Condition, start: int, by_start: dict[int, Day]) -> list[Day]:
    """The days from ``start`` on that are above, one after the other."""
    run = []
    while (day := by_start.get(start)) is not None and (day.aqi or 0) > wanted.above:
        run.append(day)
        start += DAY_S
    return run


def _warning(
    table: Table, name: LevelName, conditions: Conditions, run: list[Day], days: Sequence[Day]
) -> Warning:
    begins, until = run[0].start_s, run[-1].start_s + DAY_S
    above = [day for day in days if (day.aqi or 0) > conditions[0].above]
    for day in sorted(above, key=lambda one: one.start_s):
        if begins <= day.start_s <= until:
            until = max(until, day.start_s + DAY_S)
    worst = max(
        (day for day in above if begins <= day.start_s < until), key=lambda day: day.aqi or 0
    )
    return Warning(
        level=name,
        begins_s=begins,
        until_s=until,
        peak=worst.aqi or 0,
        primary=worst.primary,
        skill=min((day.skill for day in run if day.skill is not None), default=None),
        conditions=conditions,
        table=table.name,
    )
