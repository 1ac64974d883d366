"""Ten days, weeks, months, quarters, years and free spans, made of valid days.

GB 3095-2012 table 4: a month needs 27 days (February 25), a year 324 and each of its months
(confirmed); ten days, weeks and spans are a choice of this platform, see data/validity.json. The
mean is that of the days, not of their months. Tests: tests/aqi/means/test_periods.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aqi.means import averaging
from aqi.means.averaging import KINDS_OF_STATS, Floats
from aqi.means.calendar import Level, days_of, ends, starts
from aqi.means.rows import (
    MARK,
    MARK_NAMES,
    ORDER,
    SOURCE,
    floats,
    integers,
    rows_of,
    sorted_rows,
)
from aqi.means.stations import Judging, Names
from aqi.means.validity import Validity

Ints = npt.NDArray[np.int64]

_WITH_MONTHS = ("quarter", "year")
_VERSION = ("revision", "as_of")


class Span(NamedTuple):
    """A run of days, as moments; for level "span"."""

    start: int
    end: int


def period_rows(
    days: pa.Table, level: Level, judging: Judging, span: Span | None = None
) -> pa.Table:
    """Rows of ROWS in order: one for each period, mn, factor and stat of ``days``.

    ``days``: day rows (ROWS, or more columns), in order of start; whole periods, for a period is
    judged by the days that there are; where they have ``revision`` and ``as_of``, their largest
    are columns, too. ``span``: for level "span" the one that is meant; days outside it are left
    out.
    """
    if span is not None:
        start = integers(days, "start")
        days = days.filter(pa.array((start >= span.start) & (start < span.end)))
    if not days.num_rows:
        return sorted_rows([])
    return _Periods(days, level, judging, span).rows()


class _Periods:
    def __init__(self, days: pa.Table, level: Level, judging: Judging, span: Span | None) -> None:
        self._level = level
        self._names = [Names(days[name]) for name in ("mn", "factor", "stat")]
        self._rules = [judging.rule(judging.station(mn)) for mn in self._names[0].texts]
        self._begun = integers(days, "start")
        self._value = floats(days, "value")
        numbers = {name: number for number, name in enumerate(MARK_NAMES)}
        self._mark = Names(days["mark"]).by(lambda text: numbers.get(text, MARK["none"]), np.int8)
        self._valid = (self._mark == MARK[""]) & ~np.isnan(self._value)
        if span is not None:
            of_period = np.full(len(self._begun), span.start, np.int64)
        else:
            of_period = starts(level, self._begun)
        self._end_of_span = span.end if span is not None else 0
        self._starts, period = np.unique(of_period, return_inverse=True)
        key = period
        for names in self._names:
            key = key * max(1, len(names.texts)) + names.codes
        keys, self._place = np.unique(key, return_inverse=True)
        codes = []
        for names in reversed(self._names):
            keys, code = np.divmod(keys, max(1, len(names.texts)))
            codes.append(code)
        self._stat, self._factor, self._mn = codes
        self._period = keys
        self._newest = [
            (days.schema.field(name), self._newest_of(days, name))
            for name in _VERSION
            if name in days.column_names
        ]

    def rows(self) -> pa.Table:
        """All of them."""
        n = self._count(self._valid)
        need, months = self._needs()
        enough = (n >= need) & months
        mark = np.full(len(n), MARK["none"], np.int8)
        np.minimum.at(mark, self._place[~self._valid], self._mark[~self._valid])
        mark = np.where(n > 0, np.where(enough, MARK[""], MARK["short"]), mark)
        value = self._values(n)
        mark = np.where((mark == MARK[""]) & np.isnan(value), MARK["none"], mark)
        texts = [
            pa.array(names.texts, pa.string()).take(pa.array(codes))
            for names, codes in zip(self._names, (self._mn, self._factor, self._stat), strict=True)
        ]
        found = rows_of(
            self._starts[self._period],
            *texts,
            value=value,
            min=self._extreme(np.minimum, np.inf),
            max=self._extreme(np.maximum, -np.inf),
            n=n,
            need=need,
            mark=mark.astype(np.int8),
            source=np.full(len(n), SOURCE["day"]),
            reported=np.full(len(n), np.nan),
            computed=np.where(mark == MARK[""], value, np.nan),
        )
        for field, newest in self._newest:
            found = found.append_column(field, newest)
        return found.sort_by(ORDER)

    def _newest_of(self, days: pa.Table, name: str) -> pa.Array:
        """The largest of the days of each row, valid or not."""
        newest = np.zeros(len(self._mn), np.int64)
        np.maximum.at(newest, self._place, integers(days, name))
        return pa.array(newest).cast(days.schema.field(name).type)

    def _count(self, which: npt.NDArray[np.bool_]) -> Ints:
        return np.bincount(self._place[which], minlength=len(self._mn)).astype(np.int64)

    def _sum(self, values: Floats) -> Floats:
        """Of the valid days, in order of their start."""
        valid = self._valid
        sums = np.bincount(self._place[valid], values[valid], minlength=len(self._mn))
        return sums.astype(np.float64)

    def _values(self, n: Ints) -> Floats:
        kinds = np.array([KINDS_OF_STATS.get(stat, "mean") for stat in self._names[2].texts])
        kind = kinds[self._stat]
        of_day = kind[self._place]
        with np.errstate(invalid="ignore", divide="ignore"):
            total = self._sum(np.where(self._valid, self._value, 0.0))
            found = np.where(kind == "total", total, total / n)
            if "energy" in kinds:
                levels = np.where(of_day == "energy", self._value, 0.0)
                mean = self._sum(averaging.energy_of(levels)) / n
                found = np.where(kind == "energy", averaging.level_of(mean), found)
            if "vector" in kinds:
                degrees = np.where(of_day == "vector", self._value, 0.0)
                sines, cosines = averaging.unit_vectors(degrees)
                direction = averaging.direction_of(self._sum(sines) / n, self._sum(cosines) / n)
                found = np.where(kind == "vector", direction, found)
            if "largest" in kinds:
                largest = self._extreme(np.maximum, -np.inf)
                found = np.where(kind == "largest", largest, found)
            if "least" in kinds:
                least = self._extreme(np.minimum, np.inf)
                found = np.where(kind == "least", least, found)
        return averaging.kept(np.where(n > 0, found, np.nan))

    def _extreme(self, which: np.ufunc, none: float) -> Floats:
        """The least or largest day; nan: there is none."""
        found = np.full(len(self._mn), none)
        which.at(found, self._place[self._valid], self._value[self._valid])
        return np.where(np.isinf(found), np.nan, found)

    def _needs(self) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """For each row the days that are needed, and whether each month that must be is valid."""
        over = self._starts * 0 + self._end_of_span
        if self._level != "span":
            over = ends(self._level, self._starts)
        first, behind = days_of(self._starts), days_of(over)
        table = np.array(
            [
                [
                    need_of(self._level, rule, int(one), int(other))
                    for one, other in zip(first, behind, strict=True)
                ]
                for rule in self._rules
            ],
            np.int64,
        )
        need = table[self._mn, self._period]
        months = np.ones(len(need), bool)
        if self._level in _WITH_MONTHS:
            months = self._months_valid(first, behind)
        return need, months

    def _months_valid(self, first: Ints, behind: Ints) -> npt.NDArray[np.bool_]:
        wanted = np.array(
            [
                rule.year_months if self._level == "year" else rule.quarter_months
                for rule in self._rules
            ]
        )[self._mn]
        begun = _month_numbers(first)[self._period]
        length = (_month_numbers(behind) - _month_numbers(first))[self._period]
        of_day = _month_numbers(days_of(self._begun)) - begun[self._place]
        valid = self._valid
        counts = np.bincount(self._place[valid] * 12 + of_day[valid], minlength=12 * len(begun))
        counts = counts.reshape(len(begun), 12)
        month = begun[:, None] + np.arange(12)
        usual = np.array([rule.month_days for rule in self._rules])[self._mn]
        short = np.array([rule.february_days for rule in self._rules])[self._mn]
        need = np.where(month % 12 == 1, short[:, None], usual[:, None])
        fine = (counts >= need) | (np.arange(12) >= length[:, None])
        return np.asarray(fine.all(axis=1) | ~wanted)


def need_of(level: Level, rule: Validity, first_day: int, behind_day: int) -> int:
    """How many valid days a period needs, given by the numbers of its days."""
    days = behind_day - first_day
    match level:
        case "month":
            return _of_month(rule, first_day)
        case "year":
            return rule.year_days
        case "quarter":
            months = np.arange(*_month_numbers(np.array([first_day, behind_day])))
            starts_of = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
            return sum(_of_month(rule, int(day)) for day in starts_of)
    share = {"tenday": rule.tenday_share, "week": rule.week_share}.get(level, rule.span_share)
    return max(1, -int(-days * share // 1))


def _of_month(rule: Validity, day: int) -> int:
    february = _month_numbers(np.array([day]))[0] % 12 == 1
    return rule.february_days if february else rule.month_days


def _month_numbers(days: Ints) -> Ints:
    """Months since January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
