"""From the places that a question names to places with their sites.

Tests: tests/hub/quality/test_places_asked.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from aqi.factors import POLLUTANTS
from hj212d.hub.quality import region_codes
from hj212d.hub.site import Site

REGION = "region:"
STATIONS = "stations:"
_ALL = "*"


class NoSuchPlace(ValueError):
    """A place that means nothing, or none at all."""


class Sites(Protocol):
    """What is asked of the book of sites (`hj212d/hub/site_book.py`)."""

    def site(self, mn: str) -> Site:
        """What is in force for an MN."""

    def sites(self) -> list[Site]:
        """All that are known."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """``code``: an MN or "region:330100". ``sites``: of a station itself, of a region its
    assessed ones. ``within``: the region above it, as people write it, "" for none."""

    code: str
    name: str
    sites: tuple[Site, ...]
    is_region: bool
    air_class: int
    programme: tuple[str, ...]
    within: str

    def of_class(self, air_class: int) -> Place:
        """The same, judged by another class of limits."""
        return msgspec.structs.replace(self, air_class=air_class)


class Places:
    """``names``: of regions, by code; ``region_class``: of their limits."""

    def __init__(self, sites: Sites, names: Mapping[str, str], region_class: int) -> None:
        self._book = sites
        self._names = names
        self._class = region_class
        self._air = [site for site in sites.sites() if site.medium == "air"]
        # A region may be any text to a device; those that are no codes lie in no other region.
        self._codes = [site.region for site in self._air if site.region.isdigit()]

    def asked(self, places: Iterable[str]) -> list[Place]:
        """Each place once, in the order asked for. NoSuchPlace."""
        found: dict[str, Place] = {}
        for text in places:
            for place in self._meant(text.strip()):
                found.setdefault(place.code, place)
        if not found:
            raise NoSuchPlace(
                "no place is asked for, or none of that kind is known: tell regions by "
                "`hj212d device set` or [[site]], or name an MN"
            )
        return list(found.values())

    def _meant(self, text: str) -> list[Place]:
        if text.startswith(STATIONS):
            stem = self._stem(text.removeprefix(STATIONS), text)
            return [self._station(site) for site in self._air if site.region.startswith(stem)]
        if text.startswith(REGION):
            code = text.removeprefix(REGION)
            if code == _ALL:
                return self._below(region_codes.common(self._codes))
            if code.endswith(_ALL):
                return self._below(self._stem(code.removesuffix(_ALL), text))
            return [self._region(self._stem(code, text))]
        if not text:
            raise NoSuchPlace("a place without a name")
        site = self._book.site(text)
        if site.medium not in ("air", ""):
            raise NoSuchPlace(f'"{text}" is no station of the air but of {site.medium}')
        return [self._station(site)]

    def _stem(self, code: str, text: str) -> str:
        if code == _ALL:
            return ""
        if not code.isdigit() or len(code) not in region_codes.LEVELS:
            raise NoSuchPlace(f'"{text}": a region has a code of 2, 4, 6, 9 or 12 digits')
        return region_codes.stem(code)

    def _below(self, stem: str) -> list[Place]:
        return [self._region(part) for part in region_codes.below(stem, self._codes)]

    def _region(self, stem: str) -> Place:
        sites = tuple(
            site for site in self._air if site.role == "assessed" and site.region.startswith(stem)
        )
        code = region_codes.written(stem)
        measured = {pollutant for site in sites for pollutant in site.programme}
        return Place(
            code=f"{REGION}{code}",
            name=self._names.get(code) or self._names.get(stem) or code,
            sites=sites,
            is_region=True,
            air_class=self._class,
            programme=tuple(one for one in POLLUTANTS if one in measured) or POLLUTANTS,
            within=_written(region_codes.above(stem)),
        )

    def _station(self, site: Site) -> Place:
        stem = region_codes.stem(site.region)
        return Place(
            code=site.mn,
            name=site.name or site.mn,
            sites=(site,),
            is_region=False,
            air_class=site.air_class,
            programme=site.programme or POLLUTANTS,
            within=_written(stem),
        )


def _written(stem: str) -> str:
    return region_codes.written(stem) if stem else ""
