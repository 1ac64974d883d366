"""The questions of analysis, answered from means and AQI rows; blocking.

Answers are those of `aqi/analysis/`; as plain rows: answer_rows.py. Tests:
tests/hub/analysis/test_analysis_asking.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from aqi.analysis.calendar_table import Day, calendar_table
from aqi.analysis.patterns import Pattern, patterns
from aqi.analysis.primary_share import Shares, primary_shares
from aqi.analysis.roses import (
    PolarFrequency,
    Rose,
    VectorMean,
    polar_frequency,
    pollution_rose,
    vector_mean,
    wind_rose,
)
from aqi.factors import POLLUTANTS
from aqi.maps.bands import bands_of_pollutant
from aqi.means.calendar import BEIJING
from aqi.standards import standard_at
from hj212d.hub.analysis.questions import (
    WIND_FORCES,
    CalendarQuestion,
    PatternQuestion,
    PolarQuestion,
    RoseQuestion,
    ShareQuestion,
)
from hj212d.hub.analysis.values import (
    WIND_DIRECTION,
    WIND_SPEED,
    Floats,
    Source,
    hourly,
    hours,
    named,
    unit_of,
)
from hj212d.hub.quality.questions import AqiQuestion

_CLASSES = 5  # of a factor without a sub-index


@dataclass(frozen=True)
class RoseAnswer:
    """``colours`` of the classes where levels have them, else ()."""

    rose: Rose
    wind: VectorMean
    unit: str
    colours: tuple[str, ...] = ()


@dataclass(frozen=True)
class PolarAnswer:
    """Mean values by direction and speed, in ``unit``."""

    polar: PolarFrequency
    what: str
    unit: str


@dataclass(frozen=True)
class PatternAnswer:
    """By factor, each in its own unit."""

    patterns: dict[str, Pattern]
    units: dict[str, str]


@dataclass(frozen=True)
class CalendarAnswer:
    """``unpublished``: days with an AQI that may not be published, shown as without."""

    months: dict[str, list[Day]]
    unpublished: int


def rose(source: Source, question: RoseQuestion) -> RoseAnswer:
    """ValueError: the wind of a region, which has none of its own."""
    speed, direction = _wind(source, question)
    mean = vector_mean(direction, speed)
    if not question.factor:
        made = wind_rose(
            direction,
            speed,
            calm_ms=question.calm_ms,
            edges=question.edges or WIND_FORCES,
            sectors=question.sectors,
        )
        return RoseAnswer(made, mean, "m/s")
    what = named(question.factor)
    values = hourly(source, question.place, (what,), question.start, question.end)[what]
    edges = question.edges
    colours: tuple[str, ...] = ()
    if not edges and what in POLLUTANTS:
        bands = bands_of_pollutant(standard_at(_last_day(question.end)), what, "hourly")
        edges = tuple(band.upper for band in bands[:-1])
        colours = tuple(band.colour for band in bands)
    elif not edges:
        edges = _even(values)
    made = pollution_rose(
        direction,
        speed,
        values,
        edges,
        what=what,
        calm_ms=question.calm_ms,
        sectors=question.sectors,
    )
    return RoseAnswer(made, mean, unit_of(what), colours)


def polar(source: Source, question: PolarQuestion) -> PolarAnswer:
    """ValueError as for roses."""
    speed, direction = _wind(source, question)
    what = named(question.factor)
    values = hourly(source, question.place, (what,), question.start, question.end)[what]
    made = polar_frequency(
        direction, speed, values, edges=question.edges, sectors=question.sectors
    )
    return PolarAnswer(made, what, unit_of(what))


def pattern(source: Source, question: PatternQuestion) -> PatternAnswer:
    """Statistics of hourly values. ValueError."""
    names = tuple(dict.fromkeys(named(factor) for factor in question.factors))
    values = hourly(source, question.place, names, question.start, question.end)
    when = hours(question.start, question.end)
    made = patterns(when, {name: values[name] for name in names}, question.cycle)
    return PatternAnswer(made, {name: unit_of(name) for name in names})


def share(source: Source, question: ShareQuestion) -> Shares:
    """Shares of primary pollutants over hours or days."""
    table = source.aqi(
        AqiQuestion((question.place,), question.level, question.start, question.end)
    )
    rows = zip(table["aqi"].to_pylist(), table["primary"].to_pylist(), strict=True)
    return primary_shares(
        ((aqi, primary or "") for aqi, primary in rows),
        ties=question.ties,
        above=question.above,
    )


def calendar(source: Source, question: CalendarQuestion) -> CalendarAnswer:
    """Days of the span with what may be published of them (HJ 633-2026, 5.3.1; one source)."""
    table = source.aqi(AqiQuestion((question.place,), "day", question.start, question.end))
    values: dict[date, int | None] = {}
    unpublished = 0
    for start, aqi, published in zip(
        table["start"].to_pylist(),
        table["aqi"].to_pylist(),
        table["published_aqi"].to_pylist(),
        strict=True,
    ):
        shown = aqi if published not in (None, "NA") else None
        unpublished += aqi is not None and shown is None
        values[_day(start)] = shown
    first, last = _day(question.start), _last_day(question.end)
    return CalendarAnswer(calendar_table(first, last, values), unpublished)


def _wind(source: Source, question: RoseQuestion | PolarQuestion) -> tuple[Floats, Floats]:
    mn = question.wind or question.place
    if mn.startswith("region:"):
        raise ValueError("a region has no wind of its own: name the station whose wind it is")
    found = hourly(source, mn, (WIND_SPEED, WIND_DIRECTION), question.start, question.end)
    return found[WIND_SPEED], found[WIND_DIRECTION]


def _even(values: Floats) -> tuple[float, ...]:
    """Borders of five classes with as many values in each."""
    there = values[np.isfinite(values)]
    if not there.size:
        return (1.0,)
    parts = np.quantile(there, np.arange(1, _CLASSES) / _CLASSES)
    return tuple(float(edge) for edge in np.unique(np.round(parts, 3)))


def _day(moment: datetime) -> date:
    return moment.replace(tzinfo=UTC).astimezone(BEIJING).date()


def _last_day(end: datetime) -> date:
    return _day(end - timedelta(microseconds=1))
