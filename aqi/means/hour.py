"""Hours of sums: which source counts, whether enough came, and what the mean is.

An hour is made of the instrument's own hour value, of its minute data or of its real-time values,
the first of these that is valid (GB 3095-2012 table 4: 45 minutes of sampling; background
knowledge). Values stay in the unit they were sent in. Tests: tests/aqi/means/test_hour.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aqi.means import averaging
from aqi.means.averaging import STATS, Floats, Kind
from aqi.means.coverage import covered
from aqi.means.rows import MARK, SOURCE, floats, integers, rows_of, sorted_rows
from aqi.means.stations import Judging, Names

Ints = npt.NDArray[np.int64]

PERIODS = ("hour", "minute", "realtime")
_SOURCES = np.array([SOURCE["reported"], SOURCE["minute"], SOURCE["realtime"]])
_KINDS: tuple[Kind, ...] = tuple(STATS)
# Why there is no value, the first that applies.
_REASONS = (
    ("n_excluded", "review"),
    ("n_marked", "flag"),
    ("n_absurd", "absurd"),
    ("n_future", "future"),
)
_E6 = 1e6


class _Sides(NamedTuple):
    """For each source in order of PERIODS and each hour: what it comes to. nan: no value."""

    value: Floats
    n: Ints
    need: Ints
    mark: npt.NDArray[np.int8]
    there: npt.NDArray[np.bool_]


def hour_rows(sums: pa.Table, judging: Judging) -> pa.Table:
    """Rows of ROWS in order: one for each (start, mn, factor) of ``sums``, and one more for its
    converted values ("zs") and its totals where it has any.

    ``sums``: of the form of the store's HOUR_SUMS, in order of start, mn, factor. 45 minutes make
    an hour (GB 3095-2012 table 4; background knowledge).
    """
    if not sums.num_rows:
        return sorted_rows([])
    hours = _Hours(sums, judging)
    return sorted_rows([hours.means(), hours.converted(), hours.totals()])


class _Hours:
    def __init__(self, sums: pa.Table, judging: Judging) -> None:
        self._sums = sums
        self._judging = judging
        self._mn = Names(sums["mn"])
        self._factor = Names(sums["factor"])
        self._start = integers(sums, "start")
        new = np.ones(sums.num_rows, bool)
        new[1:] = (
            (np.diff(self._start) != 0)
            | (np.diff(self._mn.codes) != 0)
            | (np.diff(self._factor.codes) != 0)
        )
        self._first = np.flatnonzero(new)  # a row of each hour
        periods = Names(sums["period"])
        place = {period: number for number, period in enumerate(PERIODS)}
        period = periods.by(lambda text: place.get(text, -1), np.int64)
        # For each source and hour its row, or -1.
        self._row = np.full((len(PERIODS), len(self._first)), -1, np.int64)
        known = period >= 0
        hour = np.cumsum(new) - 1
        self._row[period[known], hour[known]] = np.flatnonzero(known)
        self._kind = self._factor.by(lambda text: _KINDS.index(averaging.kind_of(text)), np.int8)
        self._order = self._preferences()
        self._need, self._covered = self._coverage()

    def means(self) -> pa.Table:
        """The row that each hour has."""
        n = integers(self._sums, "n")
        values = self._values(n)
        kinds = self._kind[self._first]
        sides = self._sides(values, n)
        stats = pa.array([STATS[kind] for kind in _KINDS], pa.string())
        return self._table(sides, stats.take(pa.array(kinds)))

    def converted(self) -> pa.Table:
        """Concentrations converted by the instrument (Zs), averaged like the measured ones."""
        n = integers(self._sums, "zs_n")
        with np.errstate(invalid="ignore", divide="ignore"):
            values = integers(self._sums, "zs_sum_e6") / (n * _E6)
        values = averaging.kept(np.where(n > 0, values, np.nan))
        # They cover as much less as they are fewer than what was measured; of the instrument's
        # own hour one is enough.
        measured = np.maximum(integers(self._sums, "n"), 1)
        share = self._covered * np.minimum(n, measured) // measured
        share = np.where(self._need == 1, n, share)
        return self._table(self._sides(values, n, share), "zs", self._some(n > 0))

    def totals(self) -> pa.Table:
        """What flowed (Cou), of factors that are not totals anyway. Real-time values count
        upwards rather than add up, so they make none."""
        cou = floats(self._sums, "cou_e6") / _E6
        n = np.where(np.isnan(cou), 0, integers(self._sums, "n"))
        sides = self._sides(averaging.kept(cou), n)
        realtime = PERIODS.index("realtime")
        sides.value[realtime] = np.nan
        sides.there[realtime] = False
        sides.mark[realtime] = MARK["none"]
        some = self._some(n > 0) & (self._kind[self._first] != _KINDS.index("total"))
        some &= sides.there.any(axis=0)
        return self._table(sides, "total", some)

    def _values(self, n: Ints) -> Floats:
        """The mean of each row of sums, by the kind of its factor."""
        sums = self._sums
        with np.errstate(invalid="ignore", divide="ignore"):
            values = integers(sums, "sum_e6") / (n * _E6)
            for number, kind in enumerate(_KINDS):
                rows = np.flatnonzero(self._kind == number)
                if kind == "mean" or not len(rows):
                    continue
                values[rows] = self._of_kind(kind, rows, n[rows])
        return averaging.kept(np.where(n > 0, values, np.nan))

    def _of_kind(self, kind: Kind, rows: Ints, n: Ints) -> Floats:
        some = self._sums.take(pa.array(rows))
        if kind == "energy":
            return averaging.level_of(floats(some, "energy_e3") / (n * 1e3))
        if kind == "vector":
            return averaging.direction_of(
                floats(some, "sin_e9") / (n * 1e9), floats(some, "cos_e9") / (n * 1e9)
            )
        if kind == "total":
            cou = floats(some, "cou_e6")
            return np.where(np.isnan(cou), integers(some, "sum_e6"), cou) / _E6
        return floats(some, "max" if kind == "largest" else "min")

    def _preferences(self) -> Ints:
        """For each source and row of sums its place in the order of the station; 9: not used."""
        orders = {}
        for text in self._mn.texts:
            wanted = self._judging.station(text).hour_from
            orders[text] = [wanted.index(one) if one in wanted else 9 for one in PERIODS]
        table = np.array([orders[text] for text in self._mn.texts], np.int64)
        return np.asarray(table[self._mn.codes[self._first]].T)

    def _coverage(self) -> tuple[Ints, Ints]:
        """For each row of sums the minutes that are needed, and those that are covered."""
        judging = self._judging

        def rule(text: str) -> tuple[int, int, int]:
            station = judging.station(text)
            figures = judging.rule(station)
            return figures.hour_minutes, figures.realtime_covers_min, station.minute_length or 0

        table = np.array([rule(text) for text in self._mn.texts], np.int64)
        need, realtime_most, length = table[self._mn.codes].T
        sums = self._sums
        rows = integers(sums, "n").copy()
        for name, _ in _REASONS:
            rows += integers(sums, name)
        period = Names(sums["period"])
        realtime = period.by(lambda text: text == "realtime", bool)
        reported = period.by(lambda text: text == "hour", bool)
        found = covered(
            integers(sums, "minute_bits"),
            rows,
            np.where(realtime, 0, length),
            np.where(realtime, realtime_most, 60),
            np.where(realtime, realtime_most, 1),
        )
        # The instrument has judged its own hour: one value is enough.
        return np.where(reported, 1, need), np.where(reported, integers(sums, "n"), found)

    def _sides(self, values: Floats, n: Ints, covered: Ints | None = None) -> _Sides:
        """``covered``: minutes, where they are not those of the measured values."""
        sums = self._sums
        covered = self._covered if covered is None else covered
        mark = np.full(len(n), MARK["none"], np.int8)
        for name, word in reversed(_REASONS):
            mark[integers(sums, name) > 0] = MARK[word]
        some = (n > 0) & ~np.isnan(values)
        count = np.where(some, covered, 0)
        mark[some] = np.where(count >= self._need, MARK[""], MARK["short"])[some]
        if not self._judging.keep_negative:
            wrong = ~self._factor.by(averaging.may_be_negative, bool)
            with np.errstate(invalid="ignore"):
                mark[some & wrong & (values < 0)] = MARK["negative"]
        row = self._row
        there = row >= 0
        return _Sides(
            np.where(there, values[row], np.nan),
            np.where(there, count[row], 0),
            np.where(there, self._need[row], 0),
            np.where(there, mark[row], MARK["none"]).astype(np.int8),
            there,
        )

    def _some(self, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Hours of which any row has what is asked for."""
        return np.asarray(((self._row >= 0) & rows[self._row]).any(axis=0))

    def _table(
        self, sides: _Sides, stat: str | pa.Array, only: npt.NDArray[np.bool_] | None = None
    ) -> pa.Table:
        """The side that counts: the first in order that is valid, else that has a value, else
        that anything came of."""
        hours = np.arange(len(self._first)) if only is None else np.flatnonzero(only)
        if not len(hours):
            return sorted_rows([])
        valid = sides.mark == MARK[""]
        valued = ~np.isnan(sides.value)
        used = self._order < len(PERIODS)
        worth = self._order + 10 * (1 + 1 * ~valid + 1 * ~valued + 1 * ~sides.there) + 100 * ~used
        best = np.argmin(worth, axis=0)[hours]
        at = (best, hours)
        row = self._row[at]
        some = used[at] & sides.there[at]
        value = np.where(some, sides.value[at], np.nan)
        ours = np.where(valid & used, worth, 1000)[1:]
        ours_best = np.argmin(ours, axis=0)[hours]
        computed = np.where(
            ours[ours_best, hours] < 1000, sides.value[1 + ours_best, hours], np.nan
        )
        # Least and largest are those of the measured values, none of what is made of them.
        measured = ~np.isnan(value) & (not isinstance(stat, str))
        rows = self._first[hours]
        return rows_of(
            self._start[rows],
            self._mn.at(rows),
            self._factor.at(rows),
            stat,
            value=value,
            min=np.where(measured, floats(self._sums, "min")[row], np.nan),
            max=np.where(measured, floats(self._sums, "max")[row], np.nan),
            n=np.where(some, sides.n[at], 0),
            need=np.where(some, sides.need[at], 0),
            mark=np.where(some, sides.mark[at], MARK["none"]).astype(np.int8),
            source=np.where(some, _SOURCES[best], SOURCE[""]).astype(np.int8),
            reported=np.where(valid[0], sides.value[0], np.nan)[hours],
            computed=computed,
        )
