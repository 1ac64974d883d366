"""Days of hours: means of 20 hours, ozone by windows of eight, noise by day and night, totals.

A day is one of Beijing, its hours are those with the labels 01:00 to 24:00. GB 3095-2012 table 4
says how many hours it needs (confirmed for 24 h means), HJ 663-2013 how ozone is told (confirmed).
Tests: tests/aqi/means/test_day.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aqi.factors import pollutant_of
from aqi.means import averaging
from aqi.means.averaging import KINDS_OF_STATS, Floats, Kind
from aqi.means.calendar import HOUR_US, days_of, starts_of_days
from aqi.means.rows import MARK, MARK_NAMES, SOURCE, floats, integers, rows_of, sorted_rows
from aqi.means.sides import with_reports
from aqi.means.stations import Judging, Names
from aqi.rounding import whole_steps

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

HOURS = 24
WINDOW = 8
# By the start of the hour, in the natural day (HJ 640-2012; background knowledge).
DAYTIME = np.array([6 <= hour < 22 for hour in range(HOURS)])


class _Days(NamedTuple):
    """One row a (day, mn, factor, stat of hours), one column an hour; nan: it is not valid."""

    day: Ints
    mn: Ints
    factor: Ints
    stat: Ints
    value: Floats
    why: npt.NDArray[np.int8]  # the first of the marks of its hours that are not valid


def day_rows(hours: pa.Table, reports: pa.Table | None, judging: Judging) -> pa.Table:
    """Rows of ROWS in order, of all days that ``hours`` or ``reports`` touch.

    ``hours``: hour rows (ROWS, or more columns). ``reports``: the instruments' own day values, of
    the form of the store's DAY_REPORTS; None: none. Least and largest are those of the hours.
    """
    ours = _Making(hours, judging).rows() if hours.num_rows else sorted_rows([])
    if reports is None or not reports.num_rows:
        return ours
    return with_reports(ours, reports, judging)


class _Making:
    def __init__(self, hours: pa.Table, judging: Judging) -> None:
        self._mn = Names(hours["mn"])
        self._factor = Names(hours["factor"])
        self._stat = Names(hours["stat"])
        self._judging = judging
        self._days = self._arranged(hours)
        self._rules = [judging.rule(judging.station(mn)) for mn in self._mn.texts]

    def rows(self) -> pa.Table:
        """All statistics."""
        days = self._days
        tables = []
        for number, stat in enumerate(self._stat.texts):
            kind = KINDS_OF_STATS.get(stat)
            if kind is None:
                continue
            some = np.flatnonzero(days.stat == number)
            value = days.value[some]
            tables.append(self._plain(some, stat, kind, value))
            if stat == "leq":
                tables += self._noise(some, value)
            if stat == "mean":
                ozone = np.array([pollutant_of(text) == "O3" for text in self._factor.texts])
                picked = ozone[days.factor[some]]
                if picked.any():
                    tables += self._ozone(some[picked], value[picked])
        return sorted_rows(tables)

    def _arranged(self, hours: pa.Table) -> _Days:
        start = integers(hours, "start")
        day = days_of(start)
        slot = (start - starts_of_days(day)) // HOUR_US
        sizes = [max(1, len(names.texts)) for names in (self._mn, self._factor, self._stat)]
        key = day
        for names, size in zip((self._mn, self._factor, self._stat), sizes, strict=True):
            key = key * size + names.codes
        keys, place = np.unique(key, return_inverse=True)
        rest, stat = np.divmod(keys, sizes[2])
        rest, factor = np.divmod(rest, sizes[1])
        found_day, mn = np.divmod(rest, sizes[0])
        numbers = {name: number for number, name in enumerate(MARK_NAMES)}
        mark = Names(hours["mark"]).by(lambda text: numbers.get(text, MARK["none"]), np.int8)
        valid = mark == MARK[""]
        value = np.full((len(keys), HOURS), np.nan)
        value[place[valid], slot[valid]] = floats(hours, "value")[valid]
        why = np.full(len(keys), MARK["none"], np.int8)
        np.minimum.at(why, place[~valid], mark[~valid])
        return _Days(found_day, mn, factor, stat, value, why)

    def _figures(self, some: Ints, name: str) -> Ints:
        """A figure of the rules for the medium of each row."""
        table = np.array([getattr(rule, name) for rule in self._rules])
        return np.asarray(table[self._days.mn[some]])

    def _plain(self, some: Ints, stat: str, kind: Kind, value: Floats) -> pa.Table:
        return self._table(
            some, stat, mean_of(kind, value), value, self._figures(some, "day_hours")
        )

    def _noise(self, some: Ints, value: Floats) -> list[pa.Table]:
        """Ld of 06:00 to 22:00, Ln of the rest of the natural day, Ldn of both."""
        by_day, by_night = value[:, DAYTIME], value[:, ~DAYTIME]
        day, night = mean_of("energy", by_day), mean_of("energy", by_night)
        needs = self._figures(some, "daytime_hours"), self._figures(some, "night_hours")
        enough = (count(by_day) >= needs[0]) & (count(by_night) >= needs[1])
        both = np.where(enough, averaging.day_night_level(day, night), np.nan)
        return [
            self._table(some, "ld", day, by_day, needs[0]),
            self._table(some, "ln", night, by_night, needs[1]),
            self._table(some, "ldn", averaging.kept(both), value, needs[0] + needs[1], enough),
        ]

    def _ozone(self, some: Ints, value: Floats) -> list[pa.Table]:
        """MDA8: the largest of the means of eight hours that end 08:00 to 24:00, each of at least
        six; with few windows it counts when it is over the limit all the same (HJ 663-2013;
        confirmed), in whole ug/m3 as it is judged. And the largest hour, of a day with enough
        hours."""
        windows = windows_of(value, self._figures(some, "window_hours"))
        largest = averaging.kept(_largest(windows))
        to_ug = np.array([self._judging.station(mn).to_ug for mn in self._mn.texts])
        with np.errstate(invalid="ignore"):
            in_ug = whole_steps(averaging.kept(largest * to_ug[self._days.mn[some]]), 0)
            over = in_ug > self._figures(some, "windows_limit")
        need = self._figures(some, "day_windows")
        enough = (count(windows) >= need) | over
        hours = self._figures(some, "day_hours")
        return [
            self._table(some, "mda8", largest, windows, need, enough),
            self._table(some, "max1h", _largest(value), value, hours),
        ]

    def _table(
        self,
        some: Ints,
        stat: str,
        result: Floats,
        parts: Floats,
        need: Ints,
        enough: Flags | None = None,
    ) -> pa.Table:
        """Rows of one statistic; ``parts``: of what each was made, nan where nothing was."""
        days = self._days
        n = count(parts)
        if enough is None:
            enough = n >= need
        mark = np.where(enough, MARK[""], MARK["short"])
        mark = np.where(n == 0, days.why[some], mark)
        mark = np.where((n > 0) & enough & np.isnan(result), MARK["none"], mark)
        chunk = pa.array(days.mn[some]), pa.array(days.factor[some])
        return rows_of(
            starts_of_days(days.day[some]),
            pa.array(self._mn.texts, pa.string()).take(chunk[0]),
            pa.array(self._factor.texts, pa.string()).take(chunk[1]),
            stat,
            value=result,
            min=_least(parts),
            max=_largest(parts),
            n=n,
            need=need,
            mark=mark.astype(np.int8),
            source=np.full(len(some), SOURCE["hour"]),
            reported=np.full(len(some), np.nan),
            computed=np.where(mark == MARK[""], result, np.nan),
        )


def count(parts: Floats) -> Ints:
    """How many of each row there are."""
    return np.asarray(np.count_nonzero(~np.isnan(parts), axis=1))


def mean_of(kind: Kind, parts: Floats) -> Floats:
    """The mean (or total) of each row by its kind, without those that are nan; nan: none."""
    parts = np.ascontiguousarray(parts)  # the same order of adding, however they were cut out
    there = ~np.isnan(parts)
    n = np.count_nonzero(there, axis=1)
    filled = np.where(there, parts, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        match kind:
            case "energy":
                energies = np.where(there, averaging.energy_of(filled), 0.0)
                found = averaging.level_of(energies.sum(axis=1) / n)
            case "vector":
                sines, cosines = averaging.unit_vectors(filled)
                found = averaging.direction_of(
                    np.where(there, sines, 0.0).sum(axis=1) / n,
                    np.where(there, cosines, 0.0).sum(axis=1) / n,
                )
            case "total":
                found = filled.sum(axis=1)
            case "largest":
                found = _largest(parts)
            case "least":
                found = _least(parts)
            case _:
                found = filled.sum(axis=1) / n
    return averaging.kept(np.where(n > 0, found, np.nan))


def windows_of(value: Floats, need: Ints) -> Floats:
    """Means of the 17 windows of eight hours that end 08:00 to 24:00 (HJ 663-2013; confirmed);
    nan: fewer than ``need`` hours."""
    seen = np.lib.stride_tricks.sliding_window_view(value, WINDOW, axis=1)
    n = np.count_nonzero(~np.isnan(seen), axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.nansum(seen, axis=2) / n
    return np.where(n >= need[:, None], means, np.nan)


def _largest(parts: Floats) -> Floats:
    largest = np.max(np.where(np.isnan(parts), -np.inf, parts), axis=1, initial=-np.inf)
    return np.where(np.isinf(largest), np.nan, largest)


def _least(parts: Floats) -> Floats:
    least = np.min(np.where(np.isnan(parts), np.inf, parts), axis=1, initial=np.inf)
    return np.where(np.isinf(least), np.nan, least)
