"""What the summary of an interval says to one reader: rank, exceedances, primary pollutants,
incidents. Pure; what it is made of is asked once for all readers.

Tests: tests/hub/schedules/test_summary_teller.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec
import numpy as np

from alerts.notify.plain import plain
from alerts.plans.matching import region_of
from alerts.rules.regions import holds, stem
from alerts.schedules.air import Air, Ints, ranks
from alerts.schedules.due import Run
from alerts.schedules.ranking import Facts, Ranking
from alerts.schedules.recipients import Reader
from aqi.factors import judged_unit
from aqi.means.calendar import BEIJING
from aqi.standards import level_of
from store.registry.alert_records import SEVERITIES, AlarmRecord, IncidentRecord


class Whereabouts(Protocol):
    """Names of places."""

    def name(self, mn: str) -> str:
        """Of a station."""

    def region_name(self, code: str) -> str:
        """Of a region."""


class Interval(msgspec.Struct, frozen=True):
    """All that an interval was. ``made``: all its means; ``air`` None: nobody could be asked.
    ``limits``: alarms
    over a limit that touch it, of stations of other media than the air. ``incidents``: opened or
    recovered in it, or open at its end."""

    run: Run
    made: bool
    air: Air | None
    limits: Sequence[AlarmRecord]
    incidents: Sequence[IncidentRecord]
    ranking: Ranking = Ranking()

    @property
    def every(self) -> str:
        """ "hour", "6h", "12h" or "day"."""
        return self.run.schedule.partition(":")[2]


class Summaries:
    """The summaries of one interval; what readers share is reckoned once."""

    def __init__(self, interval: Interval, places: Whereabouts, lines: int) -> None:
        self._interval = interval
        self._places = places
        self._lines = lines
        air = interval.air
        self._by_scope: dict[object, Facts | None] = {}
        self._by_stem: dict[str, Ints] = {}
        if air is not None:
            self._regions = np.flatnonzero(air.is_region)
            self._stations = np.flatnonzero(~air.is_region)
            self._codes = np.array(air.region, str) if air.places else np.zeros(0, "U1")
            self._ranks = ranks(air.mean[self._regions])
            self._number = {place: number for number, place in enumerate(air.places)}

    def facts(self, reader: Reader) -> Facts:
        """What the template "summary" is filled from."""
        run = self._interval.run
        return {
            "every": self._interval.every,
            "from": _shown(run.start),
            "to": _shown(run.end),
            "period": run.period,
            "air": self._air(reader),
            "made": self._interval.made,
            **self._limits(reader),
            **self._incidents(reader),
        }

    # The air.

    def _air(self, reader: Reader) -> Facts | None:
        """None: no station of the air is in the reader's scope. Readers of one scope share it."""
        scope = reader.everything, reader.regions, reader.mns
        if scope not in self._by_scope:
            self._by_scope[scope] = self._air_of(reader)
        return self._by_scope[scope]

    def _air_of(self, reader: Reader) -> Facts | None:
        air = self._interval.air
        if air is None:
            return None
        mine = self._mine(reader)
        regions = self._ranked(reader, air)
        if not len(mine) and not regions:
            return None
        worst = mine[np.argsort(-air.peak[mine], kind="stable")]
        worst = worst[air.peak[worst] >= 0]
        over, count, exceeding = _exceedances(air, mine, self._lines)
        primary = {one: int(times[mine].sum()) for one, times in air.primary.items()}
        return {
            "stations": len(mine),
            "heard": len(worst),
            "rank_by": "index" if self._published else "aqi",
            "regions": regions[: self._lines],
            "more_regions": max(0, len(regions) - self._lines),
            "worst": [_worst(air, number) for number in worst[: self._lines].tolist()],
            "exceeding": exceeding,
            "over": over,
            "more_over": count - len(over),
            "primary": [
                {"pollutant": one, "times": times}
                for one, times in sorted(primary.items(), key=lambda pair: -pair[1])
                if times
            ],
        }

    @property
    def _published(self) -> bool:
        return self._interval.every == "day" and bool(self._interval.ranking.regions)

    def _mine(self, reader: Reader) -> Ints:
        """Numbers of the stations of a reader."""
        if reader.everything:
            return self._stations
        parts = [self._inside(code) for code in reader.regions]
        known = [self._number[mn] for mn in reader.mns if mn in self._number]
        return np.unique(np.concatenate([*parts, np.array(known, np.int64)]))

    def _inside(self, code: str) -> Ints:
        part = stem(code)
        if part not in self._by_stem:
            hit = np.char.startswith(self._codes[self._stations], part)
            self._by_stem[part] = self._stations[hit]
        return self._by_stem[part]

    def _ranked(self, reader: Reader, air: Air) -> list[Facts]:
        """Regions of a reader's scope, the worst rank first."""
        ranking = self._interval.ranking
        of = int((self._ranks > 0).sum())
        found = []
        for number, rank in zip(self._regions.tolist(), self._ranks.tolist(), strict=True):
            if not (reader.everything or _touches(reader, air.region[number])):
                continue
            total = of
            if self._published:
                standing = ranking.day.get(air.places[number])
                rank, total = (standing.rank or 0, standing.of) if standing else (0, 0)
            if rank:
                mean = air.mean[number]
                found.append(
                    {
                        "name": plain(air.names[number]),
                        "rank": rank,
                        "of": total,
                        "aqi": None if np.isnan(mean) else round(float(mean), 1),
                    }
                )
        return sorted(found, key=lambda one: -int(str(one["rank"])))

    # What the registry knows.

    def _limits(self, reader: Reader) -> Facts:
        mine = [one for one in self._interval.limits if reader.covers(one.mn, one.region)]
        mine.sort(key=lambda one: (-_times(one), one.mn, one.factor))
        return {
            "limits": [self._limit(one) for one in mine[: self._lines]],
            "more_limits": max(0, len(mine) - self._lines),
            "over_limit_stations": len({one.mn for one in mine}),
        }

    def _limit(self, alarm: AlarmRecord) -> Facts:
        return {
            "name": plain(self._places.name(alarm.mn)),
            "factor": plain(alarm.factor),
            "value": alarm.value,
            "limit": alarm.limit,
            "unit": plain(alarm.unit, 20),
            "began": _shown(alarm.began),
            "ended": _shown(alarm.ended) if alarm.ended else "",
        }

    def _incidents(self, reader: Reader) -> Facts:
        run = self._interval.run
        opened, still, recovered = [], [], []
        for one in self._interval.incidents:
            if not _concerns(reader, one) or one.opened_at >= run.end:
                continue
            if one.opened_at >= run.start:
                opened.append(one)
            over = one.recovered_at or one.closed_at
            if over is None or over >= run.end:
                still.append(one)
            elif over >= run.start:
                recovered.append(one)
        listed = sorted(still, key=lambda one: (-_gravity(one), one.opened_at))
        return {
            "opened": len(opened),
            "open": len(still),
            "recovered": len(recovered),
            "incidents": [self._incident(one) for one in listed[: self._lines]],
            "more_incidents": max(0, len(listed) - self._lines),
        }

    def _incident(self, one: IncidentRecord) -> Facts:
        what, _, which = one.place.partition(":")
        name = {"mn": self._places.name, "region": self._places.region_name}.get(what, plain)
        return {
            "no": one.no,
            "kind": one.kind,
            "place": plain(name(which or what)),
            "severity": one.severity,
            "began": _shown(one.began),
            "count": one.count,
        }


def _exceedances(air: Air, mine: Ints, lines: int) -> tuple[list[Facts], int, int]:
    """Station and pollutant by pollutant: the worst ``lines``, how many there are, and of how many
    stations. In columns: of a province they are thousands."""
    pollutants = list(air.over)
    index = np.stack([air.over[one].index[mine] for one in pollutants])
    above = index > 0
    some = np.flatnonzero(above)
    if len(some) > lines:
        some = some[np.argpartition(-index.ravel()[some], lines)[:lines]]
    found = []
    for cell in some.tolist():
        pollutant, number = pollutants[cell // len(mine)], int(mine[cell % len(mine)])
        over = air.over[pollutant]
        found.append(
            {
                "place": air.places[number],
                "name": plain(air.names[number]),
                "pollutant": pollutant,
                "times": int(over.times[number]),
                "index": int(over.index[number]),
                "value": float(over.value[number]),
                "unit": judged_unit(pollutant),
            }
        )
    found.sort(key=lambda one: (-int(str(one["index"])), str(one["place"])))
    return found, int(above.sum()), int(above.any(axis=0).sum())


def _worst(air: Air, number: int) -> Facts:
    aqi = int(air.peak[number])
    level = level_of(aqi)
    return {
        "name": plain(air.names[number]),
        "aqi": aqi,
        "category": level.category,
        "category_en": level.category_en,
    }


def _touches(reader: Reader, code: str) -> bool:
    """Whether a region lies in the reader's, or holds one of them."""
    return any(holds(one, code) or holds(code, one) for one in reader.regions)


def _concerns(reader: Reader, incident: IncidentRecord) -> bool:
    code = region_of(incident)
    if reader.covers(incident.mn, code):
        return True
    return bool(code) and not incident.mn and _touches(reader, code)


def _times(alarm: AlarmRecord) -> float:
    """How many times the limit, as far as that can be said."""
    if alarm.value is None or not alarm.limit:
        return 0.0
    return alarm.value / alarm.limit


def _gravity(incident: IncidentRecord) -> int:
    return SEVERITIES.index(incident.severity)


def _shown(moment: datetime) -> str:
    """Beijing time as people write it."""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"
