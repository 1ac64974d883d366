"""The course of the air of regions, from the hours measured to those forecast; blocking.

Tests: tests/hub/schedules/test_warner.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from alerts.warnings.windows import HOUR_S, Course
from aqi.factors import POLLUTANTS, pollutant_of
from hj212d.hub.forecasts.reading import best_of
from hj212d.hub.quality.places_asked import NoSuchPlace
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.quality.tables import COLUMNS
from hj212d.hub.schedules.ranking_teller import Asked
from store.means import ForecastQuery

BEFORE_H = 96  # as many hours as the longest national condition has
NO_FORECAST = "no forecast"
_MICROSECONDS = 1_000_000


class Kept(Protocol):
    """Who keeps forecasts (`MeansStore`)."""

    def forecasts(self, query: ForecastQuery) -> pa.Table:
        """Rows of FORECASTS."""


class Courses(NamedTuple):
    """Regions whose forecasts were issued together, with their courses in that order."""

    regions: list[str]
    issued: datetime
    course: Course


def courses(
    store: Kept, quality: Asked, regions: Sequence[str], since: datetime
) -> Iterator[Courses]:
    """Of regions (codes) with a forecast issued at ``since`` or later, aware; others are left out.
    StoreUnavailable."""
    issues: dict[datetime, dict[str, pa.Table]] = defaultdict(dict)
    for region in regions:
        rows = _newest(store, region, since)
        if rows.num_rows:
            issues[rows["issued"][0].as_py()][region] = rows
    for issued, tables in sorted(issues.items()):
        yield Courses(list(tables), issued.replace(tzinfo=UTC), _course(quality, issued, tables))


def _newest(store: Kept, region: str, since: datetime) -> pa.Table:
    """The best models' hours of the last issue."""
    query = ForecastQuery(
        place=f"region:{region}",
        level="hour",
        newest=True,
        issued_from=since.astimezone(UTC).replace(tzinfo=None),
    )
    rows = store.forecasts(query)
    if not rows.num_rows:
        return rows
    return best_of(rows.filter(pc.equal(rows["issued"], pc.max(rows["issued"]))))


def _course(quality: Asked, issued: datetime, tables: dict[str, pa.Table]) -> Course:
    last = max(pc.max(rows["start"]).as_py() for rows in tables.values())
    first = issued - timedelta(hours=BEFORE_H)
    hours = (last - first) // timedelta(hours=1) + 1
    shape = len(tables), max(hours, BEFORE_H)
    first_s = int(first.replace(tzinfo=UTC).timestamp())
    values = {one: np.full(shape, np.nan) for one in POLLUTANTS}
    skills = {one: np.full(shape, np.nan) for one in POLLUTANTS}
    for number, rows in enumerate(tables.values()):
        column = _hours(rows, first_s)
        factors = [pollutant_of(code) for code in rows["factor"].to_pylist()]
        for pollutant in POLLUTANTS:
            mine = np.array([one == pollutant for one in factors]) & (column >= BEFORE_H)
            values[pollutant][number, column[mine]] = rows["value"].to_numpy()[mine]
            skills[pollutant][number, column[mine]] = rows["skill"].to_numpy()[mine]
    _measured(quality, list(tables), first, issued, values)
    return Course(first_s, BEFORE_H, values, skills)


def _measured(
    quality: Asked,
    regions: list[str],
    first: datetime,
    issued: datetime,
    values: dict[str, np.ndarray[tuple[int, int], np.dtype[np.float64]]],
) -> None:
    """The hours before the issue; none where a region has no stations any more."""
    try:
        rows = quality.aqi(
            AqiQuestion(tuple(f"region:{one}" for one in regions), "hour", first, issued)
        )
    except NoSuchPlace:
        return
    number = {f"region:{one}": row for row, one in enumerate(regions)}
    row = np.array([number.get(place, -1) for place in rows["place"].to_pylist()], np.int64)
    column = _hours(rows, int(first.replace(tzinfo=UTC).timestamp()))
    inside = (row >= 0) & (column >= 0) & (column < BEFORE_H)
    for pollutant, name in COLUMNS.items():
        values[pollutant][row[inside], column[inside]] = rows[name].to_numpy()[inside]


def _hours(rows: pa.Table, first_s: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    start_s = rows["start"].cast(pa.int64()).to_numpy() // _MICROSECONDS
    return np.asarray((start_s - first_s) // HOUR_S, np.int64)
