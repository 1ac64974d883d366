"""From hourly forecasts to days: 24 h means, the greatest 8 h mean of ozone, and their AQI.

The daily forecast is judged as the daily report is (HJ 633-2026, 4.2; one source): natural days,
concentrations first, the index of these. Tests: tests/aqi/forecast/test_forecast_days.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from aqi.forecast.baselines import DAY, Hours
from aqi.judge_arrays import Judgements, judge_arrays
from aqi.means.day import mean_of, windows_of
from aqi.means.validity import rules
from aqi.standards import Standard, standard_at

_BEIJING = timedelta(hours=8)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR_S = 3600


class ForecastDays(msgspec.Struct, frozen=True):
    """``days``: beginnings of Beijing days, seconds since 1970, UTC; ``values``: pollutant ->
    shape (places, days), NaN where too few hours are there; ozone as MDA8; ``judged`` in that
    shape; ``standards``: of each day."""

    days: NDArray[np.int64]
    values: dict[str, Hours]
    judged: list[Judgements]
    standards: list[Standard]


def forecast_days(hours: NDArray[np.int64], values: Mapping[str, Hours]) -> ForecastDays:
    """Whole Beijing days of hourly values of shape (places, hours); ``hours`` are beginnings that
    follow each other. A day that the hours do not hold from its first to its last is left out.

    ``judged`` has one entry a day: a span over 2026-02-28 has two standards.
    """
    shift = int(_BEIJING.total_seconds())
    lead = int(-((hours[0] + shift) // _HOUR_S) % DAY)
    count = (len(hours) - lead) // DAY
    days = hours[lead : lead + count * DAY : DAY]
    by_day = {
        pollutant: series[:, lead : lead + count * DAY].reshape(len(series), count, DAY)
        for pollutant, series in values.items()
    }
    found = {pollutant: _day(pollutant, series) for pollutant, series in by_day.items()}
    standards = [
        standard_at((_EPOCH + timedelta(seconds=int(day)) + _BEIJING).date()) for day in days
    ]
    judged = [
        judge_arrays(
            standard, "daily", {pollutant: value[:, day] for pollutant, value in found.items()}
        )
        for day, standard in enumerate(standards)
    ]
    return ForecastDays(days, found, judged, standards)


def _day(pollutant: str, series: Hours) -> Hours:
    """One value a day, by the rules of validity of measured days."""
    places, count, _ = series.shape
    flat = series.reshape(places * count, DAY)
    rule = rules()["air"]
    if pollutant == "O3":
        need = np.full(len(flat), rule.window_hours)
        windows = windows_of(flat, need)
        enough = np.isfinite(windows).sum(axis=1) >= rule.day_windows
        known = np.where(np.isfinite(windows), windows, -np.inf).max(axis=1, initial=-np.inf)
        value = np.where(enough, known, np.nan)
    else:
        enough = np.isfinite(flat).sum(axis=1) >= rule.day_hours
        value = np.where(enough, mean_of("mean", flat), np.nan)
    return np.asarray(value, dtype=float).reshape(places, count)
