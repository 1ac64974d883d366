"""Which stations there are, and by which facts their means are made; who of them has changed.

For the one thread that rolls up. Tests: tests/hub/means/test_means_roster.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

import msgspec

from aqi.means.stations import Judging, Station
from aqi.means.validity import rules
from hj212d.hub.means.judging import no_length, station_of, valid_flags
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.site import Site, medium_of
from store.means import Store
from store.registry.decisions import SiteRecord


class SiteBook(Protocol):
    """The book of sites (site_book.py)."""

    changed: list[Callable[[Collection[str]], object]]

    def site(self, mn: str) -> Site:
        """What is in force for an MN."""

    def sites(self) -> list[Site]:
        """All of which anything is said."""

    def record(self, mn: str) -> SiteRecord | None:
        """What the registry keeps."""


class Facts(NamedTuple):
    """What decides over the means of a station."""

    station: Station
    end_stamped: bool
    flags: tuple[str, ...]


class Roster:
    """``minute_length``: minutes between the minute data of an MN, by the registry."""

    def __init__(
        self,
        store: Store,
        sites: SiteBook,
        settings: MeansSettings,
        minute_length: Callable[[str], int | None] = no_length,
    ) -> None:
        self._store = store
        self._sites = sites
        self._settings = settings
        self._minute_length = minute_length
        self._sts: dict[str, str] = {}
        self._facts: dict[str, Facts] = {}
        self._stale = True
        self._first = True
        self._changed: set[str] = set()
        sites.changed.append(self._something_changed)

    def set(self, settings: MeansSettings) -> None:
        """Other settings from now on; what was made by the old ones stays."""
        self._settings = settings
        self._facts.clear()
        self._stale = True

    def refresh(self, *, anew: bool = False) -> None:
        """Look at the stations again, when a site has changed or ``anew``."""
        if not (self._stale or anew):
            return
        self._stale = False
        devices = self._store.devices()
        self._sts = dict(zip(devices["mn"].to_pylist(), devices["st"].to_pylist(), strict=True))
        for mn in self._sts:
            made = self._make(mn)
            before = self._facts.get(mn)
            if before is not None and made != before:
                self._changed.add(mn)
            self._facts[mn] = made

    def mns(self) -> list[str]:
        """All that were heard, in order."""
        return sorted(self._sts)

    def facts(self, mn: str) -> Facts:
        """Of one station, also of one that was just heard for the first time."""
        found = self._facts.get(mn)
        if found is None:
            found = self._facts[mn] = self._make(mn)
        return found

    def flags(self, mn: str) -> tuple[str, ...]:
        """Flags beside "N" whose values count there."""
        return self.facts(mn).flags

    def flags_alike(self) -> bool:
        """Whether the same flags count everywhere."""
        return len({one.flags for one in self._facts.values()}) <= 1

    def end_stamped(self) -> tuple[str, ...]:
        """Stations whose instruments write the end of a period into DataTime."""
        return tuple(sorted(mn for mn, one in self._facts.items() if one.end_stamped))

    def judging(self) -> Judging:
        """The rules in force."""
        settings = self._settings
        return Judging(
            rules(settings.validity),
            lambda mn: self.facts(mn).station,
            settings.negative == "kept",
            tuple(settings.day_from),
        )

    def changed(self, since: datetime) -> tuple[str, ...]:
        """Stations whose facts are others than when they were last asked for. The first time
        those whose record was changed from ``since`` on: by whoever changed it without a hub."""
        if self._first:
            self._first = False
            for mn in self._sts:
                record = self._sites.record(mn)
                at = None if record is None else record.changed_at
                if at is not None and at.astimezone(UTC).replace(tzinfo=None) >= since:
                    self._changed.add(mn)
        found = tuple(sorted(self._changed))
        self._changed.clear()
        return found

    def _make(self, mn: str) -> Facts:
        site = self._sites.site(mn)
        if not site.medium:
            site = msgspec.structs.replace(site, medium=medium_of(self._sts.get(mn, "")))
        return Facts(
            station_of(site, self._settings, self._minute_length(mn)),
            site.stamp == "end",
            valid_flags(site, self._settings),
        )

    def _something_changed(self, mns: Collection[str]) -> None:  # noqa: ARG002 - a hook's form
        """In the thread of whoever changed it."""
        self._stale = True
