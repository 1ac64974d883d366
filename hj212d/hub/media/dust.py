"""Dust of building sites as lines: the values that a province's rule compares, and its counts.

Tests: tests/hub/media/test_assessing.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from aqi.dust import DustRule, assessed, counts, rule_of, rules
from aqi.means.calendar import DAY_US, MINUTE_US, periods, start
from hj212d.hub.media.county import County
from hj212d.hub.media.grid import micros, moment
from hj212d.hub.media.lines import Line, Mean, in_unit, line, newest, unit_of
from hj212d.hub.site import Site

_HOUR_MIN = 60
_STEP_SHARE = 0.75  # of the minutes of a step; ours, no rule says


def rule_for(site: Site) -> DustRule:
    """By the site's own word, else of its region's province, else the national one."""
    named = rules().get(str(site.outlet.get("table", "")))
    return named if named is not None else rule_of(site.region)


def plain(site: Site, means: Iterable[Mean]) -> Iterator[Line]:
    """Lines as they come."""
    for mean in means:
        yield line(mean, unit_of(site, mean.factor))


def hours(site: Site, means: Iterable[Mean], county: County) -> Iterator[Line]:
    """Lines of hours; where the rule wants a difference, one more with it."""
    rule = rule_for(site)
    for mean in means:
        yield line(mean, unit_of(site, mean.factor))
        if rule.difference and _is_of(rule, mean):
            yield _value(site, rule, mean, county)


def days(
    site: Site,
    means: Iterable[Mean],
    steps: Iterable[Mean],
    county: County,
    span: tuple[int, int],
) -> Iterator[Line]:
    """Lines of days, and how often the limit was exceeded on each. ``steps``: hours, or minutes
    where the rule averages over less."""
    yield from plain(site, means)
    rule = rule_for(site)
    values: dict[int, list[float]] = {}
    looked_at: list[Line] = []
    length = rule.average_minutes * MINUTE_US
    for mean in steps:
        if _is_of(rule, mean):
            one = _value(site, rule, mean, county)
            looked_at.append(one)
            if one.mark == "" and one.value is not None:
                values.setdefault(micros(mean.start) // length * length, []).append(one.value)
    least = 1 if rule.average_minutes == _HOUR_MIN else _STEP_SHARE * rule.average_minutes
    averaged = {
        begin: sum(some) / len(some) for begin, some in values.items() if len(some) >= least
    }
    yield from _counted(site, rule, averaged, looked_at, span)


def _is_of(rule: DustRule, mean: Mean) -> bool:
    return mean.item == rule.item and mean.stat == "mean"


def _value(site: Site, rule: DustRule, mean: Mean, county: County) -> Line:
    stat = "difference" if rule.difference else "mean"
    if mean.value is None:
        return line(mean, rule.unit, stat=stat, mark=mean.mark or "none")
    value = in_unit(mean.value, unit_of(site, mean.factor), rule.unit)
    if value is None:
        return line(mean, unit_of(site, mean.factor), mark=mean.mark or "unit")
    background = county.get(mean.start, np.nan) if rule.difference else None
    found = float(assessed(rule, value, background))
    missing = np.isnan(found)
    mark = mean.mark or ("negative" if value < 0 else "no county" if missing else "")
    words = f"county {background:.0f}" if rule.difference and not missing else ""
    return line(
        mean,
        rule.unit,
        stat=stat,
        value=None if missing else found,
        min=None,
        max=None,
        mark=mark,
        words=words,
    )


def _counted(
    site: Site,
    rule: DustRule,
    values: Mapping[int, float],
    looked_at: Iterable[Line],
    span: tuple[int, int],
) -> Iterator[Line]:
    of_day: dict[int, list[Line]] = {}
    for one in looked_at:
        of_day.setdefault(start("day", micros(one.start)), []).append(one)
    for first, behind in periods("day", *span):
        day = [value for begin, value in values.items() if first <= begin < behind]
        expected = DAY_US // (rule.average_minutes * MINUTE_US)
        for count in counts(rule, day, str(site.outlet.get("kind", ""))):
            mark = "" if day else "none"
            yield Line(
                start=moment(first),
                end=moment(behind),
                factor="",
                item=rule.item,
                stat="exceedances",
                value=float(count.exceedances) if day else None,
                unit="",
                n=count.n,
                need=expected,
                mark=mark,
                exceeded=count.exceeded if day else None,
                words=f"> {count.limit:g} {rule.unit}, {count.allowed} a day allowed "
                f"({rule.standard})",
                **newest(of_day.get(first, ())),
            )
