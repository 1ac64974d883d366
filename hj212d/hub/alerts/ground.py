"""What the evaluator knows of stations: region, medium, place, and the limits that hold there.

Own limits of a station go before national ones; a limit is told in the unit in which the station
sends the factor, and where nobody knows that unit nothing is judged, which is said once. With a
limit comes for which value it holds: flue gas at the reference oxygen, noise by day and by night.
May be asked in any thread. Tests: tests/hub/alerts/test_ground.py.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple

import msgspec

from aqi.decimals import Decimals
from aqi.factors import judged_unit, pollutant_of
from aqi.judging import Limit, chosen, decimals_of
from aqi.limits import limits_at
from aqi.media_codes import codes_of, factor_of
from aqi.media_limits import of_site
from aqi.units import UnitRefused, convert
from hj212d.hub.media.noise import LEVELS
from hj212d.hub.media.verdicts import own_limit
from hj212d.hub.site import Site
from hj212d.hub.site_book import SiteBook
from store.registry.decisions import LimitRecord

log = logging.getLogger(__name__)

By = Literal["own", "national", "any"]
MOST_SAID = 1000  # stations and factors of whose units it was said that nobody knows them
_PURE = "1"  # a limit of a pure number has no unit, its values have this one
_AIR_PERIODS = {"hour": "1h", "day": "24h"}
_BY_DAY, _BY_NIGHT, _BOTH = "leq day", "leq night", "leq"  # a permit does not tell day from night
# For which values of a period there may be limits, those that go first first.
_SHORT = ("zs", "mean", _BY_DAY, _BOTH)
_STATS: dict[str, tuple[str, ...]] = {
    "realtime": _SHORT,
    "minute": _SHORT,
    "hour": _SHORT,
    "day": ("zs", "mda8", "mean", "ld"),
    "night": ("ln",),
}


class Bounds(msgspec.Struct, frozen=True):
    """A limit as values of a station are compared with it. None: not bounded on that side.
    ``night``: the upper bound at night where it is another one. ``step``: the last decimal of
    the limit, to which values are rounded before they are compared. ``stat``: of which value;
    "zs": only of one at the reference oxygen, others: only of one as it was measured."""

    low: float | None
    high: float | None
    unit: str
    source: str = ""
    stat: str = "mean"
    night: float | None = None
    step: float | None = None


class _Found(NamedTuple):
    """A limit, and another one that holds at night."""

    limit: Limit
    night: Limit | None = None


class HubGround:
    """``registered``: the MNs that ought to speak; ``today``: the Beijing day."""

    def __init__(
        self,
        sites: SiteBook,
        registered: Callable[[], Collection[str]],
        today: Callable[[], date],
    ) -> None:
        self._sites = sites
        self._registered = registered
        self._today = today
        self._own: dict[str, list[LimitRecord]] = {}
        self._said: set[tuple[str, str]] = set()

    def own_limits(self, records: Iterable[LimitRecord]) -> set[str]:
        """All that the registry keeps, instead of what it kept; the MNs that are different."""
        found: dict[str, list[LimitRecord]] = defaultdict(list)
        for record in records:
            found[record.mn].append(record)
        before, self._own = self._own, dict(found)
        return {mn for mn in {*before, *found} if before.get(mn) != self._own.get(mn)}

    def registered(self) -> Collection[str]:
        """The MNs that ought to speak, whether or not they ever did."""
        return self._registered()

    def region(self, mn: str) -> str:
        """The code of its region, "" for none."""
        return self._sites.region_of(mn)

    def medium(self, mn: str) -> str:
        """What it measures, "" when nobody says."""
        return self._sites.site(mn).medium

    def position(self, mn: str) -> tuple[float, float] | None:
        """Longitude and latitude in degrees; None where it is not known."""
        return self._sites.position(mn)

    def unit(self, mn: str, factor: str) -> str:
        """The unit in which it sends a factor, "" when nobody knows."""
        return _unit(self._sites.site(mn), factor) or ""

    def limits(self, mn: str, factor: str, period: str, by: By = "any") -> Bounds | None:
        """What holds today for a factor of a station over a period ("realtime", "minute", "hour",
        "day", "night"); None: nothing, or nothing that its values can be compared with."""
        site = self._sites.site(mn)
        day = self._today()
        limit = None if by == "national" else self._own_limit(site, factor, period, day)
        if limit is None and by != "own":
            limit = _national(site, factor, period, day)
        return None if limit is None else self._in_unit_of(site, factor, *limit)

    def _own_limit(self, site: Site, factor: str, period: str, day: date) -> _Found | None:
        kept = self._own.get(site.mn)
        if not kept:
            return None
        limits = [own_limit(record, site.medium) for record in kept]
        return _first(limits, _names(site, factor), period, day)

    def _in_unit_of(
        self, site: Site, factor: str, limit: Limit, night: Limit | None
    ) -> Bounds | None:
        unit = _unit(site, factor)
        pollutant = pollutant_of(factor) or ""
        try:
            if unit is None:
                raise UnitRefused("nobody says in which unit it is sent")
            low = _in_unit(limit.low, limit.unit, unit, pollutant)
            high = _in_unit(limit.high, limit.unit, unit, pollutant)
            at_night = _in_unit(night.high, night.unit, unit, pollutant) if night else None
            decimals = decimals_of(limit) if limit.decimals is None else limit.decimals
            step = _in_unit(10.0**-decimals, limit.unit, unit, pollutant)
        except UnitRefused as why:
            self._say(site.mn, factor, str(why))
            return None
        return Bounds(low, high, unit, limit.source, limit.stat, at_night, step)

    def _say(self, mn: str, factor: str, why: str) -> None:
        if (mn, factor) not in self._said and len(self._said) < MOST_SAID:
            self._said.add((mn, factor))
            log.warning("event=limit_not_judged mn=%s factor=%s why=%r", mn, factor, why)


def _unit(site: Site, factor: str) -> str | None:
    """As by `Site.unit`; levels of noise are dB at building sites, too."""
    known = factor_of(site.medium, factor)
    if known is not None and known.item in LEVELS:
        return site.units.get(factor) or known.unit
    return site.unit(factor)


def _in_unit(bound: float | None, of: str, unit: str, pollutant: str) -> float | None:
    of = of or _PURE
    return bound if bound is None or unit == of else convert(bound, of, unit, pollutant)


def _names(site: Site, factor: str) -> set[str]:
    """A factor by its codes old and new, and by the name of its item."""
    known = factor_of(site.medium, factor)
    item = known.item if known else ""
    if item in LEVELS:
        return {factor, *LEVELS}  # limits of noise are for LA, which is sent as Leq, too
    return {factor, *((item, *codes_of(site.medium, item)) if known else ())}


def _first(limits: Sequence[Limit], names: set[str], period: str, day: date) -> _Found | None:
    """The limit of a period's values, and that of the night where it is another one."""
    kept = "day" if period == "night" else period
    for stat in _STATS[period]:
        found = chosen(limits, names, kept, stat, day)
        if found is not None:
            at_night = chosen(limits, names, kept, _BY_NIGHT, day) if stat == _BY_DAY else None
            return _Found(found, at_night)
    return None


def _national(site: Site, factor: str, period: str, day: date) -> _Found | None:
    if site.medium == "air":
        limit = _of_air(site, factor, period, day)
        return None if limit is None else _Found(limit)
    said = {**site.water, **site.outlet, "region": site.region}
    if site.noise_zone:
        said["zone"] = site.noise_zone
    return _first(of_site(site.medium, said, day), _names(site, factor), period, day)


def _of_air(site: Site, factor: str, period: str, day: date) -> Limit | None:
    pollutant = pollutant_of(factor)
    if pollutant is None or period not in _AIR_PERIODS:
        return None
    limits = limits_at(day)
    if period == "day":
        high = limits.daily(pollutant, site.air_class)
    else:
        high = limits.limit(pollutant, _AIR_PERIODS[period], site.air_class)
    if high is None:
        return None
    return Limit(
        item=factor,
        period=period,
        unit=judged_unit(pollutant),
        high=float(high),
        source=limits.name,
        decimals=Decimals(limits.evaluation).of(period, pollutant),
    )
