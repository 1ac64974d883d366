"""Means of sites as arrays: one row a site, one column an hour or a day, in the units of `aqi`.

Where a value does not count there is NaN and a mark. Tests: tests/hub/quality/test_readings.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aqi.exact import MILLION, Bools, Exact, Floats, Ints, millionths
from aqi.factors import POLLUTANTS, codes_of, judged_unit, pollutant_of
from aqi.means.calendar import DAY_US, HOUR_US
from aqi.means.rows import MARK, MARK_NAMES, floats, integers
from aqi.means.stations import Names
from aqi.units import UnitRefused, convert
from hj212d.hub.means.asking import Means, MeansQuestion
from hj212d.hub.site import Site

Level = Literal["hour", "day"]
Marks = npt.NDArray[np.int8]

ABSURD = 100_000.0  # ug/m3, CO mg/m3; a choice of ours, as in `hj212d aqi`
LENGTHS_US = {"hour": HOUR_US, "day": DAY_US}
O3_HOUR = "O3_1h"  # of a day its largest hour
_FACTORS = {pollutant: codes_of(pollutant) for pollutant in POLLUTANTS}
_ALL = tuple(code for codes in _FACTORS.values() for code in codes)
# What is asked of the means: factors and statistics.
_WANTED = {
    "hour": ((_ALL, ("mean",)),),
    "day": (
        (tuple(code for code in _ALL if code not in _FACTORS["O3"]), ("mean",)),
        (_FACTORS["O3"], ("mda8", "max1h")),
    ),
}
_AT_ONCE = 100_000  # hours or days of sites that are read in one piece: some hundred MB


@dataclass
class Readings:
    """``starts``: microseconds UTC; ``values``, ``marks``: by pollutant [site, time], marks are
    numbers of MARK_NAMES; O3 of a day is its MDA8. ``revision`` and ``as_of`` (microseconds, 0
    for none) [site, time] are the newest over the pollutants."""

    level: Level
    sites: tuple[Site, ...]
    starts: Ints
    values: dict[str, Floats]
    marks: dict[str, Marks]
    revision: npt.NDArray[np.int32]
    as_of: Ints

    def copy(self) -> Readings:
        """One whose values and marks can be changed without changing this."""
        return Readings(
            self.level,
            self.sites,
            self.starts,
            {name: values.copy() for name, values in self.values.items()},
            {name: marks.copy() for name, marks in self.marks.items()},
            self.revision,
            self.as_of,
        )


def read(
    means: Means, sites: Sequence[Site], level: Level, start_us: int, end_us: int
) -> Readings:
    """The readings of sites from ``start_us`` on, which is the start of an hour or day.

    StoreUnavailable. What nobody measured is NaN with the mark "none".
    """
    found = _empty(sites, level, start_us, end_us)
    mns = tuple(sorted(site.mn for site in sites))
    length = LENGTHS_US[level] * max(1, _AT_ONCE // max(1, len(mns)))
    for begun in range(start_us, end_us, length):
        over = min(begun + length, end_us)
        for factors, stats in _WANTED[level]:
            asked = MeansQuestion(level, moment(begun), moment(over), mns, factors, stats)
            _fill(found, means.table(asked))
    return found


def arranged(
    table: pa.Table, sites: Sequence[Site], level: Level, start_us: int, end_us: int
) -> Readings:
    """Rows of MEANS as readings; rows of other sites, factors and times are not looked at."""
    found = _empty(sites, level, start_us, end_us)
    _fill(found, table)
    return found


def _empty(sites: Sequence[Site], level: Level, start_us: int, end_us: int) -> Readings:
    starts = np.arange(start_us, end_us, LENGTHS_US[level], dtype=np.int64)
    shape = (len(sites), len(starts))
    names = (*POLLUTANTS, O3_HOUR) if level == "day" else POLLUTANTS
    return Readings(
        level,
        tuple(sites),
        starts,
        {name: np.full(shape, np.nan) for name in names},
        {name: np.full(shape, MARK["none"], np.int8) for name in names},
        np.zeros(shape, np.int32),
        np.zeros(shape, np.int64),
    )


def _fill(found: Readings, table: pa.Table) -> None:
    """Put the rows of a table where they belong."""
    if table.num_rows == 0 or not len(found.starts):
        return
    level, starts = found.level, found.starts
    place = {site.mn: number for number, site in enumerate(found.sites)}
    site = Names(table["mn"]).by(lambda mn: place.get(mn, -1), np.int64)
    column, off = np.divmod(integers(table, "start") - starts[0], LENGTHS_US[level])
    known = (site >= 0) & (off == 0) & (column >= 0) & (column < len(starts))
    numbers = {name: number for number, name in enumerate(MARK_NAMES)}
    mark = Names(table["mark"]).by(lambda text: numbers.get(text, MARK["none"]), np.int8)
    value = floats(table, "value")
    factor, stat = Names(table["factor"]), Names(table["stat"])
    # Older codes first: where an instrument sends both, the code of 2017 stays.
    for code in sorted(factor.texts, key=_newest_last):
        for text in stat.texts:
            name = _series(pollutant_of(code), text, level)
            if name is None:
                continue
            is_its = factor.codes == factor.texts.index(code)
            rows = np.flatnonzero(known & is_its & (stat.codes == stat.texts.index(text)))
            marks = mark[rows]
            values = _in_units(value[rows], marks, site[rows], found.sites, code)
            found.values[name][site[rows], column[rows]] = values
            found.marks[name][site[rows], column[rows]] = marks
    every = np.flatnonzero(known)
    cells = site[every], column[every]
    np.maximum.at(found.revision, cells, integers(table, "revision")[every].astype(np.int32))
    np.maximum.at(found.as_of, cells, integers(table, "as_of")[every])


def moment(time_us: int) -> datetime:
    """Naive UTC, as the store has it."""
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).replace(tzinfo=None)


def running(values: Floats, length: int, least: int) -> Floats:
    """Means of each time and the ``length - 1`` before it, of at least ``least`` values: sums of
    integers, so that 35.5 is 35.5 whatever came before."""
    units, there = millionths(values)
    padded = np.pad(units, ((0, 0), (length, 0)))
    counts = np.pad(there.astype(np.int64), ((0, 0), (length, 0)))
    sums, n = np.cumsum(padded, axis=1), np.cumsum(counts, axis=1)
    total, number = sums[:, length:] - sums[:, :-length], n[:, length:] - n[:, :-length]
    return Exact(total, np.where(number >= least, number * MILLION, 0)).values()


def _series(pollutant: str | None, stat: str, level: Level) -> str | None:
    """Under which name a statistic of a factor stands in the readings."""
    if pollutant not in POLLUTANTS:
        return None
    if pollutant != "O3" or level == "hour":
        return pollutant if stat == "mean" else None
    return {"mda8": "O3", "max1h": O3_HOUR}.get(stat)


def _newest_last(code: str) -> tuple[bool, str]:
    pollutant = pollutant_of(code)
    return (pollutant is not None and codes_of(pollutant)[0] == code, code)


def _in_units(value: Floats, marks: Marks, site: Ints, sites: Sequence[Site], code: str) -> Floats:
    """Values in the units of `aqi`. Marks of those whose unit does not fit become "unit", of those
    that no air can have "negative" and "absurd", also where a deployment keeps such means."""
    pollutant = pollutant_of(code) or ""
    value = np.where(marks == MARK[""], value, np.nan)
    units = [site.unit(code) for site in sites]
    for unit in set(units):
        rows: Bools = np.array([one == unit for one in units])[site]
        try:
            value[rows] = convert(value[rows], unit or "", judged_unit(pollutant), pollutant)
        except UnitRefused:
            value[rows] = np.nan
            marks[rows & (marks == MARK[""])] = MARK["unit"]
    with np.errstate(invalid="ignore"):
        for why, wrong in (("negative", value < 0), ("absurd", value > ABSURD)):
            value[wrong], marks[wrong] = np.nan, MARK[why]
    return value


def mark_texts(marks: Mapping[str, Marks], names: Sequence[str]) -> npt.NDArray[Any]:
    """For each cell its marks as text, "PM2.5:short;O3:none"; "" where all is valid."""
    shape = next(iter(marks.values())).shape
    code = np.zeros(shape, np.int64)
    base = len(MARK_NAMES)
    for name in names:
        code = code * base + marks[name]
    distinct, place = np.unique(code, return_inverse=True)
    texts = np.array([_spelled(int(one), names, base) for one in distinct], dtype=object)
    return texts[place].reshape(shape)


def _spelled(code: int, names: Sequence[str], base: int) -> str:
    said = []
    for name in reversed(names):
        code, mark = divmod(code, base)
        if mark:
            said.append(f"{name}:{MARK_NAMES[mark]}")
    return ";".join(reversed(said))
