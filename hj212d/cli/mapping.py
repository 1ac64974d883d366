"""From answers about stations to maps: asks for values and coordinates, makes a surface a time.

What is drawn and written is map_files.py's. Tests: tests/cli/test_mapping.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from aqi.factors import POLLUTANTS, pollutant_of
from aqi.means.calendar import BEIJING
from aqi.standards import STANDARDS, Mode, Standard, standard_at
from hj212d.cli.refusal import NO, Refusal
from hj212d.hub.quality.questions import AqiQuestion, AqiStandard, Events
from hj212d.hub.quality.tables import COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

    from aqi.maps.atlas import Atlas, Choice
    from aqi.maps.index_map import IndexMap
    from aqi.maps.surface import Surface

AQI = "AQI"
MOST_TIMES = 240  # ten days of hours: a moving picture is built in memory

Floats = npt.NDArray[np.float64]
MapLevel = Literal["hour", "day"]
LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


class Source(Protocol):
    """Who answers (`report_source.py`)."""

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """AQI_ROWS."""

    def sites(self) -> Sequence[Mapping[str, Any]]:
        """Sites in force."""


@dataclass(frozen=True)
class Wanted:
    """``what``: "AQI" or a pollutant; moments are naive UTC, of whole hours or Beijing days."""

    what: str
    level: MapLevel
    start: datetime
    end: datetime
    places: tuple[str, ...]
    standard: AqiStandard = "auto"
    events: Events = "with"

    @property
    def times(self) -> int:
        """How many hours or days."""
        return (self.end - self.start) // LENGTHS[self.level]

    @property
    def mode(self) -> Mode:
        """How HJ 633 judges this level."""
        return "hourly" if self.level == "hour" else "daily"

    @property
    def judged_by(self) -> Standard:
        """One for all times, that of the last day: a sequence has one scale of colours."""
        if self.standard != "auto":
            return STANDARDS[self.standard]
        return standard_at(beijing_day(self.end - timedelta(microseconds=1)))


@dataclass(frozen=True)
class Measured:
    """``values``: of each pollutant [time, station], NaN where there is none."""

    names: tuple[str, ...]
    lon: Floats
    lat: Floats
    starts: tuple[datetime, ...]
    values: dict[str, Floats]


@dataclass(frozen=True)
class Sheet:
    """The map of one time. ``index``: what the AQI's map was judged from, else None."""

    start: datetime
    end: datetime
    surface: Surface
    index: IndexMap | None


def what_of(text: str) -> str:
    """ "aqi", "pm2.5", "a34004" as people write them. Refusal when there is no map of it."""
    known = {name.lower(): name for name in (AQI, *POLLUTANTS)}
    found = known.get(text.lower()) or pollutant_of(text) or ""
    if found not in known.values():
        raise Refusal(f"--factor {text}: there are maps of {', '.join(known.values())}")
    return found


def stations_in(places: Sequence[str]) -> tuple[str, ...]:
    """A map needs stations: "region:330100" means those in it."""
    given = places or ("*",)
    return tuple(_stations(one.strip()) for one in given)


def _stations(place: str) -> str:
    if place == "*":
        return "stations:*"
    code = place.removeprefix("region:")
    return place if code == place else f"stations:{code.removesuffix('*') or '*'}"


def period_at(level: MapLevel, moment: datetime) -> tuple[datetime, datetime]:
    """The hour or Beijing day that a time means, naive UTC. An hour is named by its end: 08:00 and
    07:20 are both the hour from 07:00 to 08:00."""
    aware = moment.astimezone(BEIJING)
    if level == "day":
        begun = aware.replace(hour=0, minute=0, second=0, microsecond=0)
    else:
        before = aware - timedelta(microseconds=1)
        begun = before.replace(minute=0, second=0, microsecond=0)
    start = begun.astimezone(UTC).replace(tzinfo=None)
    return start, start + LENGTHS[level]


def periods_between(level: MapLevel, first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """The whole hours or days that begin in a span, naive UTC. Refusal when none does, or more
    than 240 do."""
    length = LENGTHS[level]
    start = period_at(level, first + timedelta(microseconds=1))[0]
    if start < first.astimezone(UTC).replace(tzinfo=None):
        start += length
    end = start
    behind = last.astimezone(UTC).replace(tzinfo=None)
    count = 0
    while end < behind and count <= MOST_TIMES:
        end += length
        count += 1
    if not count:
        raise Refusal("--from must be before --to, with a whole hour or day between them")
    if count > MOST_TIMES:
        raise Refusal(f"these are more than {MOST_TIMES} maps: ask for them in pieces")
    return start, end


def read(source: Source, wanted: Wanted) -> Measured:
    """Values and coordinates of the stations. Refusal when there are none."""
    table = source.aqi(
        AqiQuestion(
            wanted.places,
            wanted.level,
            wanted.start,
            wanted.end,
            wanted.judged_by.name,  # type: ignore[arg-type]
            wanted.events,
        )
    )
    mns = list(dict.fromkeys(table["place"].to_pylist()))
    if not mns:
        raise Refusal("no station of the air is known there", NO)
    names = dict(zip(table["place"].to_pylist(), table["name"].to_pylist(), strict=True))
    starts = _times(wanted)
    station = np.array([mns.index(mn) for mn in table["place"].to_pylist()], np.int64)
    when = {start: number for number, start in enumerate(starts)}
    time = np.array([when.get(start, -1) for start in table["start"].to_pylist()], np.int64)
    known = time >= 0
    values = {}
    for pollutant, column in COLUMNS.items():
        cells = np.full((len(starts), len(mns)), np.nan)
        given = np.asarray(table[column].to_numpy(zero_copy_only=False), dtype=np.float64)
        cells[time[known], station[known]] = given[known]
        values[pollutant] = cells
    positions = {site["mn"]: site for site in source.sites()}
    return Measured(
        tuple(names[mn] or mn for mn in mns),
        _degrees(positions, mns, "longitude"),
        _degrees(positions, mns, "latitude"),
        tuple(starts),
        values,
    )


def sheets(wanted: Wanted, measured: Measured, atlas: Atlas, choice: Choice) -> Iterator[Sheet]:
    """One map a time, each made when it is asked for."""
    length = LENGTHS[wanted.level]
    for number, start in enumerate(measured.starts):
        index = None
        if wanted.what == AQI:
            index = atlas.index(
                {p: cells[number] for p, cells in measured.values.items()},
                wanted.judged_by,
                wanted.mode,
                choice,
            )
            surface = index.surface
        else:
            surface = atlas.concentration(
                wanted.what,
                measured.values[wanted.what][number],
                wanted.judged_by,
                wanted.mode,
                choice,
            )
        yield Sheet(start, start + length, surface, index)


def beijing_day(moment: datetime) -> date:
    """The Beijing day of a naive UTC moment."""
    return moment.replace(tzinfo=UTC).astimezone(BEIJING).date()


def label_of(level: MapLevel, sheet: Sheet) -> str:
    """As people name it: "2026-03-05 08:00" (24:00 at a day's end), "2026-03-05"."""
    day = beijing_day(sheet.start)
    if level == "day":
        return f"{day}"
    hour = sheet.start.replace(tzinfo=UTC).astimezone(BEIJING).hour + 1
    return f"{day} {hour:02}:00"


def _times(wanted: Wanted) -> list[datetime]:
    return [wanted.start + n * LENGTHS[wanted.level] for n in range(wanted.times)]


def _degrees(positions: Mapping[str, Mapping[str, Any]], mns: Sequence[str], which: str) -> Floats:
    found = [positions.get(mn, {}).get(which) for mn in mns]
    return np.array([np.nan if one is None else one for one in found], dtype=np.float64)
