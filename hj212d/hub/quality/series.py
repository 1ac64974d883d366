"""Values of places over time, and the AQI made of them. Sites are averaged first, never their AQI.

Tests: tests/hub/quality/test_quality.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from aqi.exact import Bools, Floats, Ints
from aqi.factors import POLLUTANTS
from aqi.judge_arrays import judge_arrays
from aqi.means.calendar import days_of
from aqi.means.rows import MARK
from aqi.places import Shares, place_values
from aqi.standards import STANDARDS, Standard, standard_at
from hj212d.hub.quality.places_asked import Place
from hj212d.hub.quality.readings import O3_HOUR, Level, Marks, Readings, running
from hj212d.hub.quality.settings import QualitySettings
from hj212d.hub.site import Site

# Lead-in of hours that running means of the version of 2012 need.
RUNNING_H = 24
_LEAST_OF_24, _LEAST_OF_8 = 20, 6  # GB 3095-2012 table 4


@dataclass
class Series:
    """Of places, as `Readings` are of sites. ``sites``: the least number of sites that a
    pollutant's value was made of."""

    level: Level
    places: tuple[Place, ...]
    starts: Ints
    values: dict[str, Floats]
    marks: dict[str, Marks]
    sites: npt.NDArray[np.int32]
    revision: npt.NDArray[np.int32]
    as_of: Ints

    def between(self, start_us: int, end_us: int) -> Series:
        """A part of it, as views."""
        inside = slice(*np.searchsorted(self.starts, [start_us, end_us]).tolist())
        return Series(
            self.level,
            self.places,
            self.starts[inside],
            {name: values[:, inside] for name, values in self.values.items()},
            {name: marks[:, inside] for name, marks in self.marks.items()},
            self.sites[:, inside],
            self.revision[:, inside],
            self.as_of[:, inside],
        )


@dataclass
class Judged:
    """AQI of a series, [place, time]: as `aqi/judge_arrays.py` has it; ``standards`` by time."""

    aqi: npt.NDArray[np.int16]
    level: npt.NDArray[np.int8]
    primary: npt.NDArray[np.uint8]
    published: Bools
    iaqi: dict[str, npt.NDArray[np.int16]]
    standards: list[Standard]

    def behind(self, skipped: int) -> Judged:
        """Without the first times."""
        return Judged(
            self.aqi[:, skipped:],
            self.level[:, skipped:],
            self.primary[:, skipped:],
            self.published[:, skipped:],
            {name: values[:, skipped:] for name, values in self.iaqi.items()},
            self.standards[skipped:],
        )

    def counted(self) -> npt.NDArray[np.int16]:
        """AQI where it may be published, else -1."""
        return np.where(self.published, self.aqi, np.int16(-1))


def of_places(readings: Readings, places: Sequence[Place], shares: Shares) -> Series:
    """Stations as they are, regions as the means of the sites that run on the day and measure
    the pollutant. A region with too few values has none, and the mark "short"."""
    row = {site.mn: number for number, site in enumerate(readings.sites)}
    days = days_of(readings.starts)
    runs = np.array([_runs(site, days) for site in readings.sites]).reshape(
        len(readings.sites), len(days)
    )
    shape = (len(places), len(readings.starts))
    names = list(readings.values)
    found = Series(
        readings.level,
        tuple(places),
        readings.starts,
        {name: np.full(shape, np.nan) for name in names},
        {name: np.full(shape, MARK["none"], np.int8) for name in names},
        np.zeros(shape, np.int32),
        np.zeros(shape, np.int32),
        np.zeros(shape, np.int64),
    )
    stations = [number for number, place in enumerate(places) if not place.is_region]
    rows = [row[places[number].sites[0].mn] for number in stations]
    for name in names:
        found.values[name][stations] = readings.values[name][rows]
        found.marks[name][stations] = readings.marks[name][rows]
    found.sites[stations] = 1
    found.revision[stations], found.as_of[stations] = readings.revision[rows], readings.as_of[rows]
    for number, place in enumerate(places):
        if place.is_region and place.sites:
            its = np.array([row[site.mn] for site in place.sites])
            _region(found, number, place, readings, its, runs[its], shares)
    return found


def judged(series: Series, settings: QualitySettings, standard: Standard | None) -> Judged:
    """The AQI of every place and time; ``standard`` None: by the date of the data."""
    shape = (len(series.places), len(series.starts))
    days = days_of(series.starts)
    standards = [standard or standard_at(_date(int(day))) for day in days]
    found = Judged(
        np.full(shape, -1, np.int16),
        np.zeros(shape, np.int8),
        np.zeros(shape, np.uint8),
        np.zeros(shape, np.bool_),
        {name: np.full(shape, -1, np.int16) for name in POLLUTANTS},
        standards,
    )
    programmes = [place.programme for place in series.places]
    for version in STANDARDS.values():
        columns = np.flatnonzero([one is version for one in standards])
        if not len(columns):
            continue
        span = slice(int(columns[0]), int(columns[-1]) + 1)
        items = _items(series, version, settings)
        for programme in set(programmes):
            rows = np.flatnonzero([one == programme for one in programmes])
            one = judge_arrays(
                version,
                "hourly" if series.level == "hour" else "daily",
                {name: values[rows, span] for name, values in items.items()},
                programme,
                exempt=settings.exempt,
                daily_o3=tuple(settings.daily_o3),
                pm_realtime=settings.pm_realtime,
            )
            found.aqi[rows, span], found.level[rows, span] = one.aqi, one.level
            found.primary[rows, span], found.published[rows, span] = one.primary, one.published
            for name in POLLUTANTS:
                found.iaqi[name][rows, span] = one.iaqi[name]
    return found


def _items(series: Series, version: Standard, settings: QualitySettings) -> dict[str, Floats]:
    """What `judge_arrays` takes; running means of hours only by the version of 2012."""
    items = {name: series.values[name] for name in POLLUTANTS}
    if not version.names_exceeding:
        return items
    if series.level == "day":
        items[O3_HOUR] = series.values[O3_HOUR]
        return items
    items["SO2_24h"] = running(items["SO2"], RUNNING_H, _LEAST_OF_24)
    if settings.pm_realtime == "running24h":
        for name in ("PM2.5", "PM10"):
            items[f"{name}_24h"] = running(items[name], RUNNING_H, _LEAST_OF_24)
        items["O3_1h"] = items.pop("O3")
        items["O3_8h"] = running(items["O3_1h"], 8, _LEAST_OF_8)
    return items


def _region(
    found: Series,
    number: int,
    place: Place,
    readings: Readings,
    its: Ints,
    runs: Bools,
    shares: Shares,
) -> None:
    fewest = np.full(len(readings.starts), np.iinfo(np.int32).max)
    for name, values in readings.values.items():
        pollutant = "O3" if name == O3_HOUR else name
        if pollutant not in place.programme:
            continue
        measures = np.array([pollutant in site.programme for site in place.sites])
        counts = runs & measures[:, None]
        value, n, _ = place_values(np.where(counts, values[its], np.nan), shares, counts)
        found.values[name][number] = value
        short = np.where(n == 0, MARK["none"], MARK["short"])
        found.marks[name][number] = np.where(np.isnan(value), short, MARK[""])
        if name != O3_HOUR:
            fewest = np.minimum(fewest, n)
    found.sites[number] = fewest
    found.revision[number] = readings.revision[its].max(axis=0)
    found.as_of[number] = readings.as_of[its].max(axis=0)


def _runs(site: Site, days: Ints) -> Bools:
    """On which days it is a site."""
    found = np.ones(len(days), np.bool_)
    if site.since is not None:
        found &= days >= _number(site.since)
    if site.until is not None:
        found &= days < _number(site.until)
    return found


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _date(number: int) -> date:
    return date.fromordinal(number + date(1970, 1, 1).toordinal())
