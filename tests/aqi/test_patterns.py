"""Patterns by hour, weekday and month of Beijing time, and the calendar."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from aqi.analysis.calendar_table import calendar_table, days_by_level
from aqi.analysis.patterns import keys_of, pattern, patterns

NAN = float("nan")


def at(*texts: str) -> np.ndarray:
    """UTC starts."""
    return np.array(texts, dtype="datetime64[us]")


def test_keys_are_labels_of_beijing() -> None:
    """The hour that begins at midnight in Beijing is hour 1, the one before it hour 24."""
    starts = at("2026-03-04T15:00", "2026-03-04T16:00", "2026-03-05T04:30")
    assert list(keys_of(starts, "hour")) == [24, 1, 13]
    assert list(keys_of(starts, "weekday")) == [3, 4, 4]
    assert list(keys_of(at("2025-12-31T16:00", "2025-12-31T15:59"), "month")) == [1, 12]
    assert list(keys_of(at("2026-03-01T16:00", "2026-03-08T15:00"), "weekhour")) == [1, 168]


def test_no_summer_time() -> None:
    """Every day has 24 hours, also where Europe's and America's clocks jump."""
    year = np.datetime64("2025-12-31T16:00", "us") + np.arange(8760) * np.timedelta64(1, "h")
    made = pattern(year, np.ones(8760), "hour")
    np.testing.assert_array_equal(made.n, np.full(24, 365))
    assert pattern(year, np.ones(8760), "month").n.sum() == 8760
    assert list(pattern(year, np.ones(8760), "month").n[:3]) == [744, 672, 744]


def test_statistics_of_a_key() -> None:
    """Mean, median and quartiles as HJ 663 takes percentiles; missing and negative left out."""
    starts = at(*[f"2026-03-0{day}T04:00" for day in range(1, 7)])
    made = pattern(starts, [10, 20, 30, 40, NAN, -1], "hour")
    place = 12
    assert made.keys[place] == 13
    assert made.n[place] == 4
    assert (made.mean[place], made.median[place]) == (25, 25)
    assert (made.low[place], made.high[place]) == (17.5, 32.5)
    assert made.n.sum() == 4
    assert np.isnan(made.mean[0])


def test_equal_to_a_loop() -> None:
    """Random hours against picking them one by one."""
    random = np.random.default_rng(6)
    starts = np.datetime64("2026-01-01", "us") + random.integers(0, 9000, 2000) * np.timedelta64(
        1, "h"
    )
    values = random.random(2000) * 100
    made = pattern(starts, values, "weekhour")
    keys = keys_of(starts, "weekhour")
    for place, key in enumerate(made.keys):
        picked = values[keys == key]
        assert made.n[place] == len(picked)
        if len(picked):
            assert made.mean[place] == pytest.approx(picked.mean())
            assert made.median[place] == pytest.approx(np.median(picked))


def test_several_pollutants_and_wrong_numbers() -> None:
    """Each has its own pattern; values and starts must be as many."""
    made = patterns(at("2026-03-01T04:00"), {"PM2.5": [1.0], "O3": [2.0]}, "weekday")
    assert made["O3"].mean[6] == 2.0
    with pytest.raises(ValueError, match="not as many"):
        pattern(at("2026-03-01"), [1.0, 2.0], "hour")


def test_calendar_has_weeks_and_levels() -> None:
    """March 2026 begins on a Sunday and touches six weeks."""
    months = calendar_table(
        date(2026, 2, 28), date(2026, 3, 31), {date(2026, 3, 1): 0, date(2026, 3, 2): 151}
    )
    assert list(months) == ["2026-02", "2026-03"]
    first, second, *_, last = months["2026-03"]
    assert (first.week, first.weekday, first.value, first.level) == (0, 6, 0, 1)
    assert (second.week, second.weekday, second.level) == (1, 0, 4)
    assert (last.week, last.weekday, last.value, last.level) == (5, 1, None, None)
    assert months["2026-02"][0].week == 4
    assert days_by_level(months) == {0: 30, 1: 1, 2: 0, 3: 0, 4: 1, 5: 0, 6: 0}
    with pytest.raises(ValueError, match="before it begins"):
        calendar_table(date(2026, 3, 2), date(2026, 3, 1), {})
