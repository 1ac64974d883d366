"""Stations and regions as alerts speak of them, by the book of sites.

May be asked in any thread. Tests: tests/hub/alerts/test_alert_places.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from hj212d.hub.quality import region_codes
from hj212d.hub.site_book import SiteBook


class SitePlaces:
    """`Places` of alerts/incidents/deeds.py. ``names``: of regions by code, as they are configured
    now."""

    def __init__(self, sites: SiteBook, names: Callable[[], Mapping[str, str]]) -> None:
        self._sites = sites
        self._names = names
        # Exchanged whole: other threads read it.
        self._counted: tuple[Counter[str], dict[str, int]] | None = None
        sites.changed.append(self._forget)

    def name(self, mn: str) -> str:
        """What people call a station; the MN where it has no name."""
        return self._sites.name(mn)

    def region(self, mn: str) -> str:
        """The code of its region, "" for none."""
        return self._sites.region_of(mn)

    def position(self, mn: str) -> tuple[float, float] | None:
        """Longitude and latitude in degrees; None where it is not known."""
        return self._sites.position(mn)

    def stations_in(self, region: str) -> int:
        """How many stations are known to lie in a region, with all below it; "": of all."""
        counted = self._counted
        if counted is None:
            counted = self._counted = (Counter(site.region for site in self._sites.sites()), {})
        codes, known = counted
        if region not in known:
            stem = region_codes.stem(region)
            known[region] = sum(n for code, n in codes.items() if code.startswith(stem))
        return known[region]

    def region_name(self, code: str) -> str:
        """What people call a region; its code where nobody named it."""
        names = self._names()
        stem = region_codes.stem(code)
        return names.get(code) or names.get(stem) or names.get(region_codes.written(stem)) or code

    def _forget(self, _: object) -> None:
        self._counted = None
