"""Periods of Beijing time: hours, days, ten days (旬), weeks, months, quarters, years, free spans.

Moments are UTC microseconds (int), arrays of them int64. A period is named by its start; its end
is not included. Holds no rule of validity (validity.py). Tests: tests/aqi/means/test_calendar.py.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

import numpy as np
import numpy.typing as npt

Level = Literal["minute", "hour", "day", "tenday", "week", "month", "quarter", "year", "span"]
# Those that are made of days. A span is any run of days.
ABOVE_DAY: tuple[Level, ...] = ("tenday", "week", "month", "quarter", "year", "span")

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
MINUTE_US = 60 * 1_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
BEIJING_US = 8 * HOUR_US

Moments = npt.NDArray[np.int64]

_FIXED_US = {"minute": MINUTE_US, "hour": HOUR_US}
_MONDAY = 4  # 1970-01-05 was one
_PARTS = ("上旬", "中旬", "下旬")
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


def days_of(moments: Moments) -> Moments:
    """Numbers of the Beijing days (since 1970-01-01) in which moments lie."""
    return np.asarray((moments + BEIJING_US) // DAY_US)


def starts_of_days(days: Moments) -> Moments:
    """Moments at which Beijing days begin."""
    return np.asarray(days * DAY_US - BEIJING_US)


def starts(level: Level, moments: Moments) -> Moments:
    """The start of the period of each moment. ValueError for "span", which has no grid."""
    if level in _FIXED_US:
        length = _FIXED_US[level]
        return np.asarray(moments // length * length)
    days = days_of(moments)
    return starts_of_days(_first_days(level, days))


def ends(level: Level, begun: Moments) -> Moments:
    """The end of each period, by its start. ValueError for "span"."""
    if level in _FIXED_US:
        return np.asarray(begun + _FIXED_US[level])
    days = days_of(begun)
    return starts_of_days(_days_after(level, days))


def start(level: Level, moment: int) -> int:
    """The start of the period in which a moment lies."""
    return int(starts(level, np.array([moment], np.int64))[0])


def end(level: Level, begun: int) -> int:
    """The end of the period that starts so."""
    return int(ends(level, np.array([begun], np.int64))[0])


def periods(level: Level, first: int, behind: int) -> list[tuple[int, int]]:
    """All periods that overlap ``first`` <= t < ``behind``, in order, as (start, end)."""
    found = []
    begun = start(level, first)
    while begun < behind:
        over = end(level, begun)
        found.append((begun, over))
        begun = over
    return found


def span_of(text: str) -> tuple[int, int]:
    """A span as people write it, as (start, end) of Beijing days.

    ``2026``, ``2026-10``, ``2026-10-09``, ``2026-Q4``, ``2026-W41`` (Monday first),
    ``2026-10上旬`` (or ``2026-10-T1`` to ``T3``); and two of these joined by ``..``: from the
    first day of the one to the last day of the other, ``2026-10-10..2026-10-22`` or shorter
    ``2026-10-10..22``. ValueError: one sentence.
    """
    first, joined, last = text.strip().partition("..")
    begun, over = _one(first)
    if not joined:
        return begun, over
    if re.fullmatch(r"\d{1,2}", last.strip()):
        last = f"{first.strip()[:8]}{int(last):02d}"
    _, over = _one(last)
    if over <= begun:
        raise ValueError(f"{text!r} ends before it begins")
    return begun, over


def label(level: Level, begun: int, over: int) -> str:
    """What people call a period; an hour by its end (01:00 to 24:00)."""
    day = _day(begun)
    match level:
        case "minute":
            return f"{_local(begun):%Y-%m-%d %H:%M}"
        case "hour":
            return f"{day:%Y-%m-%d} {_local(begun).hour + 1:02d}:00"
        case "day":
            return f"{day:%Y-%m-%d}"
        case "tenday":
            return f"{day:%Y-%m}{_PARTS[min(2, (day.day - 1) // 10)]}"
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02d}"
        case "month":
            return f"{day:%Y-%m}"
        case "quarter":
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case "year":
            return f"{day.year}"
    last = _day(over - 1)
    return f"{day:%Y-%m-%d}" if last == day else f"{day:%Y-%m-%d}..{last:%Y-%m-%d}"


def moment_of(day: date) -> int:
    """When a Beijing day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000 - (
        BEIJING_US
    )


def _first_days(level: Level, days: Moments) -> Moments:
    if level == "day":
        return days
    if level == "week":
        return np.asarray((days - _MONDAY) // 7 * 7 + _MONDAY)
    if level == "tenday":
        month = _month_starts(days)
        return np.asarray(month + np.minimum((days - month) // 10, 2) * 10)
    months = _months(days)
    step = _step(level)
    return _as_days(months // step * step)


def _days_after(level: Level, days: Moments) -> Moments:
    if level == "day":
        return np.asarray(days + 1)
    if level == "week":
        return np.asarray(days + 7)
    if level == "tenday":
        month = _month_starts(days)
        return np.where(days - month >= 20, _as_days(_months(days) + 1), days + 10)
    return _as_days(_months(days) + _step(level))


def _step(level: Level) -> int:
    if level not in _MONTHS_OF:
        raise ValueError(f"a {level} has no grid of its own")
    return _MONTHS_OF[level]


def _months(days: Moments) -> Moments:
    """Numbers of months since 1970-01."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _as_days(months: Moments) -> Moments:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _month_starts(days: Moments) -> Moments:
    return _as_days(_months(days))


def _one(text: str) -> tuple[int, int]:
    wanted = text.strip()
    try:
        if found := re.fullmatch(r"(\d{4})", wanted):
            return _of("year", date(int(wanted), 1, 1))
        if found := re.fullmatch(r"(\d{4})-?Q([1-4])", wanted):
            return _of("quarter", date(int(found[1]), int(found[2]) * 3 - 2, 1))
        if found := re.fullmatch(r"(\d{4})-?W(\d{1,2})", wanted):
            return _of("week", date.fromisocalendar(int(found[1]), int(found[2]), 1))
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})(?:-T([1-3])|-?([上中下])旬)", wanted):
            part = int(found[3]) - 1 if found[3] else "上中下".index(found[4])
            return _of("tenday", date(int(found[1]), int(found[2]), part * 10 + 1))
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})", wanted):
            return _of("month", date(int(found[1]), int(found[2]), 1))
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", wanted):
            return _of("day", date(int(found[1]), int(found[2]), int(found[3])))
    except ValueError as problem:
        raise ValueError(f"{wanted!r} is no day of the calendar: {problem}") from problem
    raise ValueError(
        f"{wanted!r} is no span; write 2026, 2026-10, 2026-10-09, 2026-Q4, 2026-W41, 2026-10上旬 "
        "or two of them joined by .."
    )


def _of(level: Level, day: date) -> tuple[int, int]:
    begun = moment_of(day)
    return begun, end(level, begun)


def _local(moment: int) -> datetime:
    return datetime.fromtimestamp(moment // 1_000_000, BEIJING)


def _day(moment: int) -> date:
    return _local(moment).date()
