"""Periods of Beijing time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqi.means.calendar import (
    BEIJING,
    DAY_US,
    HOUR_US,
    Level,
    ends,
    label,
    moment_of,
    periods,
    span_of,
    start,
    starts,
)

GRIDS: tuple[Level, ...] = ("day", "tenday", "week", "month", "quarter", "year")


def slow_start(level: Level, day: date) -> date:
    """The first day of a period, said plainly."""
    match level:
        case "tenday":
            return day.replace(day=1 if day.day <= 10 else 11 if day.day <= 20 else 21)
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
        case "year":
            return day.replace(day=1, month=1)
    return day


def beijing(moment: int) -> datetime:
    """A moment as clocks in Beijing show it."""
    return datetime.fromtimestamp(moment // 1_000_000, BEIJING)


@given(st.integers(-5 * 10**14, 4 * 10**15), st.sampled_from(GRIDS))
def test_every_moment_lies_in_the_period_that_a_calendar_says(moment: int, level: Level) -> None:
    """Starts are those of the calendar, ends those of the next period."""
    begun = starts(level, np.array([moment], np.int64))
    over = ends(level, begun)
    assert begun[0] <= moment < over[0]
    assert beijing(int(begun[0])).date() == slow_start(level, beijing(moment).date())
    assert start(level, int(over[0])) == over[0]


def test_a_span_is_read_as_people_write_it() -> None:
    """Days, ten days, weeks, months, quarters, years and runs from one to another."""
    said = {
        "2026-10-10..2026-10-22": (date(2026, 10, 10), date(2026, 10, 23)),
        "2026-10-10..22": (date(2026, 10, 10), date(2026, 10, 23)),
        "2026-02": (date(2026, 2, 1), date(2026, 3, 1)),
        "2026-02下旬": (date(2026, 2, 21), date(2026, 3, 1)),
        "2026-02-T2": (date(2026, 2, 11), date(2026, 2, 21)),
        "2026-W01": (date(2025, 12, 29), date(2026, 1, 5)),
        "2026-Q4": (date(2026, 10, 1), date(2027, 1, 1)),
        "2024": (date(2024, 1, 1), date(2025, 1, 1)),
        "2026-01..2026-06": (date(2026, 1, 1), date(2026, 7, 1)),
    }
    assert {text: span_of(text) for text in said} == {
        text: (moment_of(first), moment_of(behind)) for text, (first, behind) in said.items()
    }


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13", "2026-02-30", "2026-05..2026-04"])
def test_what_is_no_span_is_refused_in_one_sentence(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"no span|no day|ends before"):
        span_of(text)


def test_periods_have_the_names_that_people_use() -> None:
    """An hour is named by its end, the last of a day is 24:00."""
    day = moment_of(date(2026, 10, 9))
    assert label("hour", day, day + HOUR_US) == "2026-10-09 01:00"
    assert label("hour", day + 23 * HOUR_US, day + DAY_US) == "2026-10-09 24:00"
    month = moment_of(date(2026, 10, 1))
    assert [label("tenday", *one) for one in periods("tenday", month, month + 31 * DAY_US)] == [
        "2026-10上旬",
        "2026-10中旬",
        "2026-10下旬",
    ]
    assert label("week", *periods("week", day, day + 1)[0]) == "2026-W41"
    assert label("quarter", *periods("quarter", day, day + 1)[0]) == "2026-Q4"
    assert label("span", day, day + 3 * DAY_US) == "2026-10-09..2026-10-11"
