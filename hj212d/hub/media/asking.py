"""Questions about media other than air, answered from means, sites and limits.

Blocking; for a thread of the hub, or for a command when no hub runs.
Tests: tests/hub/media/test_assessing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from aqi.means.calendar import DAY_US, HOUR_US, Level, end, start
from hj212d.hub.means.asking import Means
from hj212d.hub.means.judging import valid_flags
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.media import (
    dust,
    emissions,
    flue,
    hours_above,
    noise,
    noise_percentiles,
    rivers,
    surface_water,
    undetected,
    waste_water,
)
from hj212d.hub.media.county import County, county_of
from hj212d.hub.media.emissions import Outlet
from hj212d.hub.media.grid import Grid, micros, moment
from hj212d.hub.media.lines import Line, Mean, by_mn
from hj212d.hub.media.questions import (
    ASSESSED,
    EMISSIONS,
    RIVERS,
    AssessQuestion,
    EmissionQuestion,
    RiverQuestion,
)
from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.media.verdicts import Limits, Verdict, verdicts
from hj212d.hub.quality.region_codes import stem
from hj212d.hub.site import Site
from hj212d.hub.site_book import SiteBook
from store.means import HourSumsQuery, Store
from store.registry.decisions import LimitRecord

__all__ = ["ASSESSED", "EMISSIONS", "AssessQuestion", "EmissionQuestion", "Media"]

OwnLimits = Mapping[str, Sequence[LimitRecord]]  # MN -> the limits of its own

# Days of sites whose hours are in memory at once: some hundred MB.
_SITE_DAYS = 1000
_EMISSION_STATS = ("mean", "total")
_STOPPED = "F"


class Media:
    """``settings`` may be exchanged at any time. Errors of the field are marks in the rows;
    ValueError says what is wrong with a question. Also: StoreUnavailable."""

    def __init__(
        self,
        means: Means,
        sites: SiteBook,
        store: Store,
        settings: MediaSettings,
        now_us: Callable[[], int],
    ) -> None:
        self.settings = settings
        self._means = means
        self._sites = sites
        self._store = store
        self._now_us = now_us

    def assess(self, question: AssessQuestion, own: OwnLimits) -> pa.Table:
        """Rows of ASSESSED in order of mn and start; ``own``: limits of the registry."""
        first, behind = _whole(question.level, question.start, question.end)
        tables = [ASSESSED.empty_table()]
        sites = self._chosen(question.mns, question.region, question.media)
        if question.percentiles:
            _affordable(sites, question.level, first, behind)
        for some in _pieces(sites, first, behind):
            rows: list[tuple[Any, ...]] = []
            limits_of = {site.mn: Limits(site, own.get(site.mn, ())) for site in some}
            for site, lines in self._lines(
                some, question.level, first, behind, limits_of, percentiles=question.percentiles
            ):
                limits = limits_of[site.mn]
                said = verdicts(lines, limits, question.level)
                rows += [
                    _row(site, line, verdict)
                    for line, verdict in zip(lines, said, strict=True)
                    if verdict.exceeded or not question.exceeded_only
                ]
            if rows:
                columns = [
                    pa.array(column, field.type)
                    for column, field in zip(zip(*rows, strict=True), ASSESSED, strict=True)
                ]
                tables.append(pa.table(columns, schema=ASSESSED))
        return pa.concat_tables(tables)

    def emissions(self, question: EmissionQuestion) -> pa.Table:
        """Rows of EMISSIONS in order of mn, factor, start. Periods are answered whole, up to the
        last hour that is over."""
        level: Level = "day" if question.by == "span" else question.by
        first, behind = _whole(level, question.start, question.end)
        behind = max(first, min(behind, start("hour", self._now_us())))
        media = tuple(each for each in question.media if each in ("flue", "wastewater"))
        rows: list[dict[str, Any]] = []
        for some in _pieces(self._chosen(question.mns, question.region, media), first, behind):
            for outlet in self._outlets(some, first, behind):
                whole = outlet
                filled = outlet.site.medium == "flue" or self.settings.fill != "none"
                if filled and emissions.has_gaps(outlet):
                    whole = self._with_history(outlet, first, behind)
                rows += emissions.rows(whole, first, behind, question.by, self.settings)
        return pa.Table.from_pylist(rows, EMISSIONS)

    def rivers(self, question: RiverQuestion) -> pa.Table:
        """Rows of RIVERS in order of river and start."""
        first, behind = _whole(question.level, question.start, question.end)
        found: dict[str, list[tuple[Site, surface_water.Section]]] = {}
        sites = self._chosen(question.mns, question.region, ("water",))
        named = [site for site in sites if rivers.river_of(site)]
        for some in _pieces(named, first, behind):
            means = self._read(some, question.level, first, behind)
            for site in some:
                there, below = self._detected(site, means[site.mn], question.level, first, behind)
                found.setdefault(rivers.river_of(site), []).extend(
                    (site, section) for section in surface_water.sections(site, there, below)
                )
        rows = [row for name in sorted(found) for row in rivers.rows(name, found[name])]
        return pa.Table.from_pylist(rows, RIVERS)

    def _chosen(
        self, mns: tuple[str, ...] | None, region: str, media: Sequence[str]
    ) -> list[Site]:
        """The sites of a question, in order of MN. ValueError: one that is named is of no such
        medium."""
        if mns is not None:
            sites = [self._sites.site(mn) for mn in sorted(set(mns))]
            odd = next((site for site in sites if site.medium not in media), None)
            if odd is not None and len(sites) == 1:
                wanted = ", ".join(media)
                raise ValueError(f"{odd.mn} is of medium {odd.medium or 'unknown'}, not {wanted}")
        else:
            known = {site.mn for site in self._sites.sites()}
            heard = set(self._store.devices()["mn"].to_pylist())
            sites = [self._sites.site(mn) for mn in sorted(known | heard)]
        part = stem(region)
        return [each for each in sites if each.medium in media and each.region.startswith(part)]

    def _lines(
        self,
        sites: list[Site],
        level: Level,
        first: int,
        behind: int,
        limits: Mapping[str, Limits],
        *,
        percentiles: bool,
    ) -> Iterator[tuple[Site, list[Line]]]:
        """The lines of some sites, whatever their medium."""
        by_hours = {
            "day": ("wastewater", "noise", "dust", "flue"),
            "month": ("wastewater", "flue"),
        }
        wanted = by_hours.get(level, ())
        means = self._read(sites, level, first, behind)
        hourly = [site for site in sites if site.medium in wanted]
        hours = self._read(hourly, "hour", first, behind) if hourly else {}
        counties: dict[str, County] = {}
        for site in sites:
            there = means[site.mn]
            match site.medium:
                case "flue":
                    found = flue.lines(site, there, self.settings)
                    if level in by_hours:
                        found = chain(
                            found,
                            hours_above.lines(
                                site, hours[site.mn], limits[site.mn], self.settings, level
                            ),
                        )
                case "water":
                    found = surface_water.lines(
                        site, *self._detected(site, there, level, first, behind)
                    )
                case "wastewater":
                    found = self._waste_water(site, there, hours, level, first, behind)
                case "noise":
                    found = noise.lines(site, there, hours.get(site.mn, ()), self.settings, level)
                    if percentiles:
                        found = chain(found, self._percentiles(site, there))
                case _:
                    found = self._dust(site, there, hours, level, (first, behind), counties)
            yield site, sorted(found, key=lambda one: one.start)

    def _percentiles(self, site: Site, means: list[Mean]) -> Iterator[Line]:
        rules = self._means.settings
        flags = valid_flags(site, rules)
        return noise_percentiles.lines(site, means, self._store.samples, flags, rules.future_s)

    def _detected(
        self, site: Site, means: list[Mean], level: Level, first: int, behind: int
    ) -> tuple[list[Mean], undetected.Found]:
        """Means with half the detection limit for what is below it; those of a site that says
        none as they are."""
        limits = undetected.limits_of(site)
        if not limits:
            return means, {}
        hours = [] if level == "hour" else self._read([site], "hour", first, behind)[site.mn]
        long = level not in ("hour", "day")
        days = self._read([site], "day", first, behind)[site.mn] if long else []
        return undetected.halved(means, level, limits, hours, days)

    def _waste_water(
        self,
        site: Site,
        means: list[Mean],
        hours: Mapping[str, list[Mean]],
        level: Level,
        first: int,
        behind: int,
    ) -> Iterator[Line]:
        if level == "hour":
            return waste_water.hours(site, means)
        if level in ("day", "month"):
            behind = min(behind, start("hour", self._now_us()))
            grid = Grid(hours[site.mn], first, max(first, behind))
            make = waste_water.days if level == "day" else waste_water.months
            return make(site, grid)
        return waste_water.plain(site, means)

    def _dust(
        self,
        site: Site,
        means: list[Mean],
        hours: Mapping[str, list[Mean]],
        level: Level,
        span: tuple[int, int],
        counties: dict[str, County],
    ) -> Iterator[Line]:
        rule = dust.rule_for(site)
        county: County = {}
        if rule.difference and level in ("hour", "day"):
            county = counties.setdefault(
                site.region[:6], county_of(self._means, self._sites, site.region, *span)
            )
        if level == "hour":
            return dust.hours(site, means, county)
        if level != "day":
            return dust.plain(site, means)
        steps = hours[site.mn]
        if rule.average_minutes != 60:
            steps = self._read([site], "minute", *span)[site.mn]
        return dust.days(site, means, steps, county, span)

    def _outlets(self, sites: list[Site], first: int, behind: int) -> Iterator[Outlet]:
        """Outlets with the hours of a span."""
        if first >= behind or not sites:
            return
        means = self._read(sites, "hour", first, behind, _EMISSION_STATS)
        for site in sites:
            grid = Grid(means[site.mn], first, behind)
            stopped = emissions.still(site, grid, self._flagged(site, grid))
            yield Outlet(site, grid, stopped)

    def _with_history(self, outlet: Outlet, first: int, behind: int) -> Outlet:
        """The same outlet with the rest of its quarters and what lies before them."""
        begun = start("quarter", first) - emissions.LOOK_BACK_US
        over = min(end("quarter", start("quarter", behind - 1)), start("hour", self._now_us()))
        whole = next(iter(self._outlets([outlet.site], begun, max(behind, over))))
        whole.quarters = True
        return whole

    def _flagged(self, site: Site, grid: Grid) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Hours whose flow the instrument marked F: it stands still."""
        found = np.zeros(grid.size, bool)
        factor = grid.factor_of("flow") or grid.factor_of("velocity")
        places = [] if factor is None else np.flatnonzero(grid.marks(factor) == "flag").tolist()
        if factor is None or not places:
            return found
        begins = [moment(grid.first_us + place * HOUR_US) for place in places]
        pairs = pa.table(
            {"mn": [site.mn] * len(begins), "start": pa.array(begins, pa.timestamp("us"))}
        )
        sums = self._store.hour_sums(
            HourSumsQuery(
                moment(grid.first_us),
                moment(grid.behind_us),
                mns=(site.mn,),
                pairs=pairs,
                factors=(factor,),
                periods=("hour",),
                end_stamped=(site.mn,) if site.stamp == "end" else (),
            )
        )
        for begin, flag in zip(sums["start"].to_pylist(), sums["flag"].to_pylist(), strict=True):
            found[(micros(begin) - grid.first_us) // HOUR_US] |= flag == _STOPPED
        return found

    def _read(
        self,
        sites: Iterable[Site],
        level: Level,
        first: int,
        behind: int,
        stats: tuple[str, ...] | None = None,
    ) -> dict[str, list[Mean]]:
        by = {site.mn: site for site in sites}
        question = MeansQuestion(level, moment(first), moment(behind), tuple(by), stats=stats)
        return by_mn(self._means.table(question), by)


def _row(site: Site, line: Line, verdict: Verdict) -> tuple[Any, ...]:
    """A row of ASSESSED, in its order."""
    limit = verdict.limit
    told = (None, None, None, None)
    if limit is not None:
        told = (limit.text, limit.unit, limit.source, limit.own)  # type: ignore[assignment]
    return (
        *(line.start, line.end, site.mn, site.name, site.medium),
        *(line.factor, line.item, line.stat),
        *(line.value, line.min, line.max, line.unit, line.n, line.need),
        *(verdict.mark, verdict.judged, *told, verdict.exceeded, verdict.multiple),
        *(line.index, line.grade, line.words, line.revision, line.as_of),
    )


def _whole(level: Level, first: datetime, behind: datetime) -> tuple[int, int]:
    """Whole periods that overlap a span. ValueError when it is none."""
    if first >= behind:
        raise ValueError("the start must be before the end")
    return start(level, micros(first)), end(level, start(level, micros(behind) - 1))


def _affordable(sites: Sequence[Site], level: Level, first: int, behind: int) -> None:
    """ValueError when levels that are exceeded would be made of too many readings."""
    count = sum(site.medium == "noise" for site in sites)
    most = noise_percentiles.MOST_STATION_DAYS
    if level not in ("hour", "day"):
        raise ValueError("L10, L50 and L90 are those of hours and days")
    if count * (behind - first) > most * DAY_US:
        raise ValueError(f"L10, L50 and L90 are made for {most} days of stations at once")


def _pieces(sites: Sequence[Site], first: int, behind: int) -> Iterator[list[Site]]:
    """Sites, as many at once as memory allows."""
    most = max(1, _SITE_DAYS // max(1, (behind - first) // DAY_US))
    for begin in range(0, len(sites), most):
        yield list(sites[begin : begin + most])
