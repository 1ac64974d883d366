"""The hours of places as arrays for the models, from the rows of the AQI.

Tests: tests/hub/forecasts/test_forecast_making.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from aqi.forecast.baselines import Hours
from hj212d.hub.quality.tables import COLUMNS

HOUR_US = 3_600_000_000
DAY_H = 24


class History(NamedTuple):
    """``values``: pollutant -> shape (places, hours), ug/m3, CO mg/m3, NaN: not measured. The
    last column is the hour that ends at ``end_us``."""

    places: list[str]
    end_us: int
    values: dict[str, Hours]


def history_of(rows: pa.Table, end_us: int, days: int) -> History:
    """From rows of AQI_ROWS by the hour; ``end_us``: a whole hour."""
    places = sorted(set(rows["place"].to_pylist()))
    number = {place: index for index, place in enumerate(places)}
    count = days * DAY_H
    first = end_us - count * HOUR_US
    hour = (rows["start"].cast(pa.int64()).to_numpy() - first) // HOUR_US
    row = np.fromiter((number[place] for place in rows["place"].to_pylist()), np.int64)
    inside = (hour >= 0) & (hour < count)
    values = {}
    for pollutant, column in COLUMNS.items():
        series: Hours = np.full((len(places), count), np.nan)
        found = rows[column].to_numpy()
        series[row[inside], hour[inside]] = found[inside]
        values[pollutant] = series
    return History(places, end_us, values)
