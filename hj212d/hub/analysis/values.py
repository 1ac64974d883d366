"""Hourly values of a place as arrays: pollutants from the AQI's rows, other factors from means.

Only values without a mark count. Tests: tests/hub/analysis/test_analysis_asking.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aqi.factors import POLLUTANTS, pollutant_of
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.quality.tables import COLUMNS
from hj212d.wire.tables import factors

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.datetime64]

WIND_SPEED, WIND_DIRECTION = "a01007", "a01008"  # HJ 212-2017, table B.2 (confirmed)
_HOUR = np.timedelta64(1, "h")
_STATS = ("mean", "vector", "leq", "zs", "total")  # of a factor the first that there is


class Source(Protocol):
    """Who answers about air quality and means."""

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """AQI_ROWS."""

    def means(self, question: MeansQuestion) -> pa.Table:
        """MEANS."""


def hours(start: datetime, end: datetime) -> Times:
    """The UTC starts of the hours of a span. ValueError when there is none."""
    found = np.arange(_us(start).astype("datetime64[h]"), _us(end), _HOUR)
    if not len(found):
        raise ValueError("there is no hour between start and end")
    return found.astype("datetime64[us]")


def named(factor: str) -> str:
    """The pollutant that a word or code means ("pm2.5", "a34004"), else the code itself."""
    words = {name.lower(): name for name in POLLUTANTS}
    return words.get(factor.lower()) or pollutant_of(factor) or factor


def unit_of(factor: str) -> str:
    """The unit of what :func:`named` gives; "" where nobody says."""
    if factor in POLLUTANTS:
        return "mg/m³" if factor == "CO" else "μg/m³"
    return next((one.unit for one in factors() if one.code == factor), "")


def hourly(
    source: Source, place: str, names: tuple[str, ...], start: datetime, end: datetime
) -> dict[str, Floats]:
    """Values of each factor at the hours of a span, NaN where there is none.

    ValueError: no such place, or a factor of no pollutant at a region.
    """
    when = hours(start, end)
    found: dict[str, Floats] = {}
    pollutants = [name for name in names if name in POLLUTANTS]
    others = tuple(name for name in names if name not in POLLUTANTS)
    if pollutants:
        table = source.aqi(AqiQuestion((place,), "hour", start, end))
        for name in pollutants:
            found[name] = _at(when, table["start"], table[COLUMNS[name]])
    if others:
        if place.startswith("region:"):
            raise ValueError(f"{others[0]} is measured at stations: name one, not a region")
        table = source.means(MeansQuestion("hour", start, end, (place,), others))
        for name in others:
            found[name] = _of_means(when, table, name)
    return found


def of_stat(table: pa.Table, factor: str) -> tuple[str, pa.Table]:
    """The rows of MEANS of a factor's first statistic that there is, and which that is."""
    is_its = np.asarray(table["factor"].to_numpy(zero_copy_only=False) == factor, bool)
    stats = np.asarray(table["stat"].to_numpy(zero_copy_only=False), dtype=object)
    for stat in _STATS:
        rows = is_its & (stats == stat)
        if rows.any():
            return stat, table.filter(pa.array(rows))
    return "", table.slice(0, 0)


def _of_means(when: Times, table: pa.Table, factor: str) -> Floats:
    _, its = of_stat(table, factor)
    valid = np.asarray(its["mark"].to_numpy(zero_copy_only=False) == "", bool)
    picked = its.filter(pa.array(valid))
    return _at(when, picked["start"], picked["value"])


def _at(when: Times, starts: Any, values: Any) -> Floats:
    cells = np.full(len(when), np.nan)
    at = np.asarray(starts.to_numpy(), dtype="datetime64[us]")
    place = ((at - when[0]) // _HOUR).astype(np.int64)
    known = (place >= 0) & (place < len(when))
    cells[place[known]] = np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)[
        known
    ]
    return cells


def _us(moment: datetime) -> np.datetime64:
    return np.datetime64(moment, "us")
