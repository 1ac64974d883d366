"""The question of a trend: values of months, quarters or years, and what three tests say of them.

Tests: tests/hub/analysis/test_trend_asking.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from aqi.analysis.trend_tests import MonotonicTrend, monotonic_trend
from aqi.factors import POLLUTANTS
from aqi.means.calendar import Level, days_of, end, label, periods, start
from aqi.means.periods import need_of
from aqi.means.validity import rules
from aqi.percentiles import percentile
from aqi.trend import Trend, trend
from hj212d.hub.analysis.questions import TrendQuestion
from hj212d.hub.analysis.values import Floats, Source, named, of_stat, unit_of
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.quality.tables import COLUMNS
from hj212d.hub.times import microseconds

# The percentile that stands for a period, of CO and of the largest 8 h means of O3; of others it
# is the mean (HJ 663, table 1; confirmed).
PERCENTILES = {"CO": 95, "O3": 90}

_YEAR_US = 365.2425 * 86400 * 1e6
_IN_A_YEAR = {"month": 12, "quarter": 4, "year": 1}
_LEAST_CYCLES = 2  # years, before a season can be told from a trend


@dataclass(frozen=True)
class Point:
    """A period. ``value`` None: nothing counted; ``tested``: what the tests saw, without its
    season, None where the period does not count: ``mark`` says why."""

    label: str
    year: float
    value: float | None
    n: int
    need: int
    mark: str
    tested: float | None


@dataclass(frozen=True)
class TrendAnswer:
    """``statistic``: what of a period ("mean", "p90", "leq" ...); ``deseasoned``: the mean of
    each month or quarter over the years was taken off, that of all put on."""

    what: str
    unit: str
    statistic: str
    step: Level
    deseasoned: bool
    points: tuple[Point, ...]
    spearman: Trend
    monotonic: MonotonicTrend


def trend_of(source: Source, question: TrendQuestion) -> TrendAnswer:
    """ValueError: a factor of no pollutant at a region; a span that is none."""
    what = named(question.factor)
    step: Level = question.step
    first, behind = microseconds(question.start), microseconds(question.end)
    if first >= behind:
        raise ValueError("the start must be before the end")
    spans = periods(step, start(step, first), end(step, start(step, behind - 1)))
    if what in POLLUTANTS:
        statistic, found = _of_days(source, question.place, what, spans, step)
    elif question.place.startswith("region:"):
        raise ValueError(f"{what} is measured at stations: name one, not a region")
    else:
        statistic, found = _of_means(source, question.place, what, spans, step)
    values = np.array([np.nan if one[3] or one[0] is None else one[0] for one in found])
    begun = np.array([span[0] for span in spans], np.float64)
    tested, deseasoned = without_season(values, _IN_A_YEAR[question.step], first_of(spans, step))
    years = 1970 + begun / _YEAR_US
    points = tuple(
        Point(label(step, *span), float(year), *one, None if np.isnan(seen) else float(seen))
        for span, year, one, seen in zip(spans, years, found, tested, strict=True)
    )
    return TrendAnswer(
        what,
        unit_of(what),
        statistic,
        step,
        deseasoned,
        points,
        trend(tested.tolist(), question.level),
        monotonic_trend(years, tested),
    )


_Found = tuple[float | None, int, int, str]  # value, n, need, mark


def first_of(spans: list[tuple[int, int]], step: Level) -> int:
    """Which part of its year the first period is, from 0."""
    parts, begun = 0, start("year", spans[0][0])
    while begun < spans[0][0]:
        begun, parts = end(step, begun), parts + 1
    return parts


def without_season(values: Floats, parts: int, first: int) -> tuple[Floats, bool]:
    """Values less the mean of their part of the year, plus that of all; and whether that was
    done: it needs two years of values, and two values of each part that has one."""
    part = (first + np.arange(len(values))) % parts
    there = ~np.isnan(values)
    counts = np.bincount(part[there], minlength=parts)
    if parts == 1 or len(values) < _LEAST_CYCLES * parts or np.any(counts[part[there]] < 2):
        return values, False
    sums = np.bincount(part[there], values[there], minlength=parts)
    means = sums / np.maximum(counts, 1)
    return values - means[part] + float(np.mean(values[there])), True


def _of_days(
    source: Source, place: str, what: str, spans: list[tuple[int, int]], step: Level
) -> tuple[str, list[_Found]]:
    """Of the days of a station or region, as HJ 663 makes a period of them; the days that it
    needs are those of the national rules (aqi/data/validity.json)."""
    table = source.aqi(AqiQuestion((place,), "day", _naive(spans[0][0]), _naive(spans[-1][1])))
    begun = np.array([microseconds(one) for one in table["start"].to_pylist()], np.int64)
    values = np.asarray(table[COLUMNS[what]].to_numpy(zero_copy_only=False), np.float64)
    valid = np.isfinite(values)
    begun, values = begun[valid], values[valid]
    found: list[_Found] = []
    for first, behind in spans:
        its = values[(begun >= first) & (begun < behind)]
        days = begun[(begun >= first) & (begun < behind)]
        need = _need(step, first, behind)
        p = PERCENTILES.get(what)
        value = None
        if its.size:
            value = float(np.mean(its) if p is None else percentile(its, p)[0].values())
        enough = its.size >= need and _months_enough(step, days, first, behind)
        found.append((value, its.size, need, "" if enough else "short" if its.size else "none"))
    return ("mean" if what not in PERCENTILES else f"p{PERCENTILES[what]}"), found


def _need(step: Level, first: int, behind: int) -> int:
    numbers = days_of(np.array([first, behind], np.int64))
    return need_of(step, rules()["air"], int(numbers[0]), int(numbers[1]))


def _months_enough(step: Level, days: np.ndarray, first: int, behind: int) -> bool:
    """Whether each month of a longer period has its days, where the rules ask for that."""
    rule = rules()["air"]
    if not (rule.year_months if step == "year" else step == "quarter" and rule.quarter_months):
        return True
    return all(
        np.sum((days >= one) & (days < other)) >= _need("month", one, other)
        for one, other in periods("month", first, behind)
    )


def _of_means(
    source: Source, place: str, what: str, spans: list[tuple[int, int]], step: Level
) -> tuple[str, list[_Found]]:
    """Of a station's own means, with their marks."""
    question = MeansQuestion(step, _naive(spans[0][0]), _naive(spans[-1][1]), (place,), (what,))
    stat, table = of_stat(source.means(question), what)
    rows = {microseconds(row["start"]): row for row in table.to_pylist()}
    found: list[_Found] = []
    for first, _ in spans:
        row = rows.get(first)
        if row is None:
            found.append((None, 0, 0, "none"))
        else:
            found.append((row["value"], row["n"] or 0, row["need"] or 0, row["mark"]))
    return stat, found


def _naive(us: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(microseconds=us)
