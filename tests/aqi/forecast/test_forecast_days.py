"""Days of a forecast: whole Beijing days only, judged by the standard of their date."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from aqi.forecast.days import forecast_days
from aqi.index import Reading, judge
from aqi.standards import HJ633_2026


def hours_from(moment: datetime, count: int) -> np.ndarray:
    """Beginnings of hours, seconds since 1970."""
    return int(moment.timestamp()) + 3600 * np.arange(count, dtype=np.int64)


def test_three_whole_days_of_a_forecast_made_in_the_evening() -> None:
    """Made at 18:00 Beijing time: the six hours of the first evening are no day."""
    hours = hours_from(datetime(2026, 11, 20, 10, tzinfo=UTC), 6 + 72)
    ramp = np.arange(78.0)[None, :]
    said = forecast_days(hours, {"PM2.5": ramp, "O3": 2 * ramp})
    assert said.days.tolist() == [
        int(datetime(2026, 11, day, 16, tzinfo=UTC).timestamp()) for day in (20, 21, 22)
    ]
    assert said.values["PM2.5"].tolist() == [[6 + 11.5, 30 + 11.5, 54 + 11.5]]
    # The greatest window of a ramp is its last: hours 16 to 23 of the day.
    assert said.values["O3"].tolist() == [[2 * (6 + 19.5), 2 * (30 + 19.5), 2 * (54 + 19.5)]]
    by_hand = judge(HJ633_2026, "daily", Reading(pm25=17.5, o3_8h=51))
    assert said.judged[0].aqi.tolist() == [by_hand.aqi]


def test_too_few_hours_make_no_day() -> None:
    """Nineteen hours of a day are too few for a mean, and thirteen windows for ozone."""
    hours = hours_from(datetime(2026, 11, 20, 16, tzinfo=UTC), 24)
    holes = np.full((1, 24), 40.0)
    holes[0, :5] = np.nan
    said = forecast_days(
        hours, {"PM10": holes, "O3": np.where(hours < hours[11], np.nan, 90.0)[None]}
    )
    assert np.isnan(said.values["PM10"]).all()
    assert np.isnan(said.values["O3"]).all()
    assert said.judged[0].aqi.tolist() == [-1]


def test_each_day_has_the_standard_of_its_date() -> None:
    """From 2026-03-01 on PM2.5 of 75 is an AQI of 114, the day before of 100."""
    hours = hours_from(datetime(2026, 2, 27, 16, tzinfo=UTC), 48)
    said = forecast_days(hours, {"PM2.5": np.full((1, 48), 75.0)})
    assert [one.aqi.tolist() for one in said.judged] == [[100], [114]]
