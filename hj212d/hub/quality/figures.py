"""What a span comes to for each place: statistics, index, good days, and whether enough days are.

Tests: tests/hub/quality/test_quality.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aqi.composite import Index, Method, composite
from aqi.decimals import Decimals
from aqi.evaluation import (
    Days,
    Statistic,
    Verdicts,
    all_meet,
    days_within_limit,
    evaluate,
    good_days,
    heavy_days,
    judged,
)
from aqi.exact import Bools, Exact, Floats, Ints, mean, mean_of_parts
from aqi.factors import POLLUTANTS
from aqi.limits import LimitSet
from aqi.means.validity import Validity
from aqi.span_days import Enough, enough_days
from aqi.three_year import three_year_mean
from hj212d.hub.quality.series import Series
from hj212d.hub.quality.spans import Span, months_of

Aqis = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Rules:
    """By what a span is judged."""

    limits: LimitSet
    method: Method
    decimals: Decimals
    validity: Validity
    by_month: bool = False  # period means are means of month means


@dataclass(frozen=True)
class Figures:
    """Of places. ``statistics``: every item; ``within``: by pollutant the days within the daily
    limit; ``enough``: of each pollutant [place]; ``aqi_days``: whether enough days have an AQI."""

    span: Span
    statistics: list[Statistic]
    index: Index
    met: Verdicts
    within: Mapping[str, Days]
    good: Days
    heavy: Ints
    aqi_days: Enough
    enough: Mapping[str, Bools]
    n: Ints
    need: int
    revision: npt.NDArray[np.int32]
    as_of: Ints

    def of(self, pollutant: str, name: str) -> Statistic:
        """One item."""
        return next(
            one
            for one in self.statistics
            if one.item.pollutant == pollutant and one.item.statistic == name
        )

    @property
    def indexed(self) -> Bools:
        """Which places have a valid index: enough days of all six."""
        return np.asarray(np.logical_and.reduce([self.enough[name] for name in POLLUTANTS]))


def figures(
    series: Series, aqi: Aqis, span: Span, rules: Rules, before: Sequence[Series] = ()
) -> Figures:
    """Figures of a span of a series of days; ``aqi``: of the same days, below 0 where none counts.

    ``before``: the same span of the two years before, newest first: then statistics are means of
    three years. ValueError: by month means of a span that is not made of whole months.
    """
    classes = np.array([place.air_class for place in series.places], dtype=np.int64)
    found = _statistics(series, classes, span, rules)
    if before:
        others = [_statistics(one, classes, span, rules) for one in before]
        found = [
            judged(
                one,
                three_year_mean(one.exact, *(other[number].exact for other in others)),
                rules.limits,
                classes,
                rules.decimals,
            )
            for number, one in enumerate(found)
        ]
    index = composite(rules.method, _index_input(found, rules.decimals), rules.limits)
    rate = rules.decimals.of("rate")
    counts = {name: np.isfinite(series.values[name]).sum(axis=1) for name in POLLUTANTS}
    return Figures(
        span,
        found,
        index,
        all_meet(found, POLLUTANTS),
        {
            name: days_within_limit(series.values[name], name, rules.limits, classes, rate)
            for name in POLLUTANTS
        },
        good_days(aqi, rate),
        heavy_days(aqi),
        enough_days(aqi >= 0, span.first, rules.validity),
        {one.item.pollutant: one.valid for one in found},
        np.min([counts[name] for name in POLLUTANTS], axis=0),
        found[0].need,
        series.revision.max(axis=1, initial=0),
        series.as_of.max(axis=1, initial=0),
    )


def _statistics(series: Series, classes: Ints, span: Span, rules: Rules) -> list[Statistic]:
    days = {name: series.values[name] for name in POLLUTANTS}
    found = evaluate(days, span.first, rules.limits, classes, rules.decimals, rules.validity)
    if not rules.by_month:
        return found
    return [
        judged(
            one, _mean_of_months(series, one, span, rules), rules.limits, classes, rules.decimals
        )
        if one.item.statistic == "mean"
        else one
        for one in found
    ]


def _mean_of_months(series: Series, one: Statistic, span: Span, rules: Rules) -> Exact:
    """Mean of month means, each unrounded; none where a month has too few days."""
    months = []
    for month in months_of(span):
        values = series.between(*month).values[one.item.pollutant]
        enough = enough_days(np.isfinite(values), month.first, rules.validity).ok
        exact, _ = mean(values)
        months.append(Exact(exact.num, np.where(enough, exact.den, 0)))
    return mean_of_parts(months)


def _index_input(found: Sequence[Statistic], decimals: Decimals) -> dict[tuple[str, str], Floats]:
    """What enters the composite index: the statistics, rounded as the index wants them."""
    return {
        (one.item.pollutant, one.item.statistic): one.exact.rounded(
            decimals.of("index", one.item.pollutant)
        )
        for one in found
    }
