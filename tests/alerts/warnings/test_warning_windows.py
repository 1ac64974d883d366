"""Windows of 24 h: any hour or the calendar's days, gaps, measured hours, skill."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from alerts.warnings.level import level
from alerts.warnings.table import national, own_table
from alerts.warnings.windows import Course, believed, windows

MIDNIGHT_S = int(datetime(2026, 11, 20, 16, tzinfo=UTC).timestamp())  # of 2026-11-21 in Beijing
HOUR_S = 3600


def course(
    pm25: np.ndarray, skill: float = 0.2, measured: int = 0, first_s: int = MIDNIGHT_S
) -> Course:
    """One place with clean air but for its PM2.5."""
    hours = len(pm25)
    clean = {"PM10": 60.0, "SO2": 5.0, "NO2": 20.0, "CO": 0.5, "O3": 50.0}
    values = {name: np.full((1, hours), value) for name, value in clean.items()}
    values["PM2.5"] = np.asarray(pm25, float)[None]
    skills = {name: np.full((1, hours), skill) for name in values}
    return Course(first_s, measured, values, skills)


def test_days_of_the_calendar() -> None:
    """Whole Beijing days only, also when the first hour is none of midnight."""
    hours = np.repeat([40.0, 250.0, 40.0], 24)
    (found,) = windows(course(hours), calendar=True, above=150)
    assert [day.start_s for day in found] == [MIDNIGHT_S + n * 86400 for n in range(3)]
    assert [day.aqi is not None and day.aqi > 200 for day in found] == [False, True, False]
    assert found[1].primary == ("PM2.5",)
    assert (found[0].skill, found[1].skill) == (None, 0.2)
    (later,) = windows(
        course(hours[5:], first_s=MIDNIGHT_S + 5 * HOUR_S), calendar=True, above=150
    )
    assert later == found[1:]


def test_any_24_hours() -> None:
    """From noon to noon, which no day of the calendar shows."""
    hours = np.full(72, 30.0)
    hours[12:36] = 260.0
    (found,) = windows(course(hours), calendar=False, above=150)
    assert len(found) == 49
    worst = max(found, key=lambda day: day.aqi or 0)
    assert worst.start_s == MIDNIGHT_S + 12 * HOUR_S
    table = own_table({"yellow": ["200 for 24 h"]})
    warning = level(table, found)
    assert warning is not None
    assert (warning.level, warning.peak) == ("yellow", worst.aqi)
    (days,) = windows(course(hours), calendar=True, above=150)
    assert level(table, days) is None


def test_gaps_in_a_forecast() -> None:
    """A day of fewer than 20 hours has no index, unless it is that of another pollutant."""
    hours = np.repeat([250.0, 250.0], 24)
    hours[24:29] = np.nan
    made = course(hours)
    for name in ("PM10", "SO2", "NO2", "CO", "O3"):
        made.values[name][:] = np.nan
    (found,) = windows(made, calendar=True, above=150)
    assert [day.aqi is None for day in found] == [False, True]
    made.values["PM2.5"][0, 24] = 250.0
    (found,) = windows(made, calendar=True, above=150)
    assert [day.aqi is None for day in found] == [False, False]
    assert windows(course(hours[:23]), calendar=False, above=150) == [[]]


def test_skill_of_what_makes_the_index() -> None:
    """The least of its forecast hours; unknown in one of them, it is not known."""
    made = course(np.full(24, 250.0))
    made.skills["PM2.5"][0, 3] = -0.4
    made.skills["O3"][:] = np.nan
    ((day,),) = windows(made, calendar=True, above=150)
    assert day.skill == pytest.approx(-0.4)
    assert believed([day], 0.0)[0].aqi is None
    assert believed([day], -0.5) == [day]
    made.skills["PM2.5"][0, 3] = np.nan
    ((day,),) = windows(made, calendar=True, above=150)
    assert day.skill is None
    assert believed([day], -1.0)[0].aqi is None


def test_measured_hours() -> None:
    """They need no skill, and lead on to what is forecast."""
    made = course(np.full(72, 250.0), measured=30)
    made.skills["PM2.5"][0, :30] = np.nan
    (found,) = windows(made, calendar=True, above=150)
    assert [day.ahead_h for day in found] == [0, 18, 24]
    assert believed(found, 0.0) == found
    warning = level(national()["2024"], found)
    assert warning is not None
    assert (warning.level, warning.skill) == ("orange", 0.2)
