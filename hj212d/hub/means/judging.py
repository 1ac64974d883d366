"""Sites and settings as rolling up needs them, and the question of a store that follows from them.

Values only. Tests: tests/hub/means/test_means_judging.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from aqi.factors import code_of
from aqi.means import averaging
from aqi.means.stations import Judging, Station
from aqi.means.validity import rules
from aqi.units import UnitRefused, convert
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.site import Site
from store.means import Exclusion, HourSumsQuery

_ENERGY = averaging.of_kind("energy")
_VECTOR = averaging.of_kind("vector")
_OZONE = code_of("O3")


class Sites(Protocol):
    """The book of sites (site_book.py), as far as it is needed here."""

    def site(self, mn: str) -> Site:
        """What is in force for an MN."""


def no_length(mn: str) -> int | None:  # noqa: ARG001 - of any
    """Nobody says how long the minute data of an MN are: the data show it."""
    return None


def station_of(site: Site, settings: MeansSettings, minute_length: int | None = None) -> Station:
    """How the means of a site are made."""
    return Station(
        site.medium or "air",
        site.hour_from or tuple(settings.hour_from),
        minute_length,
        _to_ug(site.unit(_OZONE)),
    )


def judging(
    sites: Sites,
    settings: MeansSettings,
    minute_length: Callable[[str], int | None] = no_length,
) -> Judging:
    """The rules in force. An MN is looked up once; make one for each step."""
    known: dict[str, Station] = {}

    def station(mn: str) -> Station:
        found = known.get(mn)
        if found is None:
            found = known[mn] = station_of(sites.site(mn), settings, minute_length(mn))
        return found

    return Judging(
        rules(settings.validity), station, settings.negative == "kept", tuple(settings.day_from)
    )


def valid_flags(site: Site, settings: MeansSettings) -> tuple[str, ...]:
    """Flags beside "N" whose values count at a site."""
    return tuple(sorted(settings.valid_flags.get(site.medium or "air", ())))


def sums_query(
    start: datetime,
    end: datetime,
    settings: MeansSettings,
    *,
    mns: Sequence[str] | None = None,
    pairs: pa.Table | None = None,
    factors: tuple[str, ...] | None = None,
    flags: tuple[str, ...] = (),
    end_stamped: tuple[str, ...] = (),
    exclusions: tuple[Exclusion, ...] = (),
    admissions: tuple[Exclusion, ...] = (),
) -> HourSumsQuery:
    """What a store is asked for."""
    return HourSumsQuery(
        start,
        end,
        mns=None if mns is None else tuple(mns),
        pairs=pairs,
        factors=factors,
        energy=_ENERGY,
        vector=_VECTOR,
        exclusions=exclusions,
        admissions=admissions,
        end_stamped=end_stamped,
        future_s=settings.future_s,
        valid_flags=flags,
        no_values=tuple(settings.no_values),
    )


def _to_ug(unit: str | None) -> float:
    """What ozone in a unit is multiplied with to be ug/m3; 1 where nobody knows."""
    try:
        return float(convert(1.0, unit or "ug/m3", "ug/m3", "O3"))
    except UnitRefused:
        return 1.0
