"""Waste water as lines: hours with their marks, days and months by flow.

Tests: tests/hub/media/test_assessing.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from aqi.means.calendar import periods
from aqi.waste_water.discharge import WaterMean, daily_mean, monthly_mean, ph_range
from aqi.waste_water.rules import rules
from aqi.waste_water.validity import marks
from hj212d.hub.media.grid import Grid, cubic_metres, moment
from hj212d.hub.media.lines import Line, Mean, by_period, line, newest, unit_of
from hj212d.hub.site import Site

AUXILIARY = ("flow", "temperature", "conductivity", "turbidity")

Span = tuple[int, int]  # microseconds, the end not included


def hours(site: Site, means: Iterable[Mean]) -> Iterator[Line]:
    """Lines of hours; a concentration at zero flow does not count."""
    for found in by_period(means).values():
        flow = found.get("flow", {}).get("mean")
        still = flow is not None and flow.valid and flow.value == 0
        for item, stats in found.items():
            mean = stats.get("mean")
            if mean is None:
                continue
            mark = mean.mark
            if not mark and item not in AUXILIARY:
                mark = "no flow" if still else str(marks([mean.value], None, item=item)[0])
            yield line(mean, unit_of(site, mean.factor), mark=mark)


def plain(site: Site, means: Iterable[Mean]) -> Iterator[Line]:
    """Lines as they come."""
    for mean in means:
        amount = "m3" if mean.item == "flow" else "kg"
        yield line(mean, amount if mean.stat == "total" else unit_of(site, mean.factor))


def days(site: Site, grid: Grid) -> Iterator[Line]:
    """Lines of days made of hours: by flow, pH as a range, the flow in m3."""
    for first, behind in periods("day", grid.first_us, grid.behind_us):
        yield from _day(site, grid, first, behind)


def months(site: Site, grid: Grid) -> Iterator[Line]:
    """Lines of months made of valid days, by the days' flows."""
    for first, behind in periods("month", grid.first_us, grid.behind_us):
        dates = periods("day", first, behind)
        made = [{one.factor: one for one in _day(site, grid, *each)} for each in dates]
        factors = dict.fromkeys(factor for day in made for factor in day)
        flow = [_flow(day) for day in made]
        for factor in factors:
            some = next(day[factor] for day in made if factor in day)
            if some.stat != "mean":
                continue
            values = [_valid(day.get(factor)) for day in made]
            weighted = some.item in rules().flow_weighted
            mean = monthly_mean(values, flow, len(dates), weighted=weighted)
            version = newest(line for day in made for line in day.values() if _bears(line, factor))
            yield _of_mean(mean, factor, some.item, some.unit, (first, behind), version)


def _day(site: Site, grid: Grid, first: int, behind: int) -> Iterator[Line]:
    places = grid.between(first, behind)
    flow = cubic_metres(site, grid)[places] if grid.has("flow") else None
    for factor, item in grid.factors.items():
        unit = unit_of(site, factor)
        span, version = (first, behind), grid.version(places, ("flow",), factor)
        if item == "flow":
            if flow is not None:
                yield _total(flow, factor, span, version)
            continue
        values = grid.values(factor)[places]
        found = marks(values, flow, item=item)
        found = np.where((found == "none") & (grid.marks(factor)[places] != ""), "flag", found)
        if item in rules().ranges:
            yield _range(values, found, factor, item, span, version)
            continue
        weighted = flow is not None and item in rules().flow_weighted
        mean = daily_mean(values, flow, found, weighted=weighted, expected=len(values))
        yield _of_mean(mean, factor, item, unit, span, version)


def _bears(line: Line, factor: str) -> bool:
    """Whether a line of a day has a part in a factor's month: its own, and the flow."""
    return line.factor == factor or line.item == "flow"


def _of_mean(
    mean: WaterMean, factor: str, item: str, unit: str, span: Span, version: dict[str, Any]
) -> Line:
    return Line(
        start=moment(span[0]),
        end=moment(span[1]),
        factor=factor,
        item=item,
        stat="mean",
        value=mean.value,
        unit=unit,
        n=mean.n,
        need=mean.need,
        mark=mean.mark,
        **version,
    )


def _range(
    values: np.ndarray,
    found: np.ndarray,
    factor: str,
    item: str,
    span: Span,
    version: dict[str, Any],
) -> Line:
    both = ph_range(values, found)
    n = int(np.sum(found == ""))
    due = int(np.sum(found != "no flow"))
    need = -int(-(due * rules().day_valid_share) // 1)
    mark = "none" if both is None else "" if n >= need else "short"
    low, high = both or (None, None)
    return Line(
        start=moment(span[0]),
        end=moment(span[1]),
        factor=factor,
        item=item,
        stat="range",
        value=low,
        judge_also=high,
        limit_stat="mean",
        min=low,
        max=high,
        unit="",
        n=n,
        need=need,
        mark=mark,
        **version,
    )


def _total(flow: np.ndarray, factor: str, span: Span, version: dict[str, Any]) -> Line:
    known = np.isfinite(flow)
    n = int(known.sum())
    mark = "" if n == flow.size else "short" if n else "none"
    value = float(flow[known].sum()) if n else None
    return Line(
        start=moment(span[0]),
        end=moment(span[1]),
        factor=factor,
        item="flow",
        stat="total",
        value=value,
        unit="m3",
        n=n,
        need=flow.size,
        mark=mark,
        **version,
    )


def _valid(one: Line | None) -> float:
    if one is None or one.mark or one.value is None:
        return np.nan
    return one.value


def _flow(day: dict[str, Line]) -> float:
    total = next((one.value for one in day.values() if one.stat == "total"), None)
    return np.nan if total is None else total
