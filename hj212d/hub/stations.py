"""The list of stations that people see: live state, joined with name, registration and route.

Rows are made only for what is shown: a screenful, or a bounded piece of the list. May run in any
thread; routes change on the event loop meanwhile and are looked at one MN at a time.
Tests: tests/hub/test_stations.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from admin.source import Listing, Page, Row
from hj212d.hub.columns import NO_TIME, Places
from hj212d.hub.directory import Directory
from hj212d.hub.live import Facts, Live
from hj212d.hub.routes import Routes
from hj212d.wire.settings import DeviceSettings

ROWS_AT_ONCE = 500  # made without a pause: 5 ms


class Stations:
    """Rows of stations. ``as_of_us``: the moment for which presence is judged."""

    def __init__(
        self,
        live: Live,
        routes: Routes,
        devices: Sequence[DeviceSettings],
        as_of_us: Callable[[], int],
    ) -> None:
        self._live = live
        self._routes = routes
        self._as_of_us = as_of_us
        self.register(devices)
        self._directory = Directory((), 0, self._names)

    def register(self, devices: Sequence[DeviceSettings]) -> None:
        """Take the registered devices from the settings, at start and on a reload."""
        self._names = {device.mn: device.name for device in devices}
        self._registered = frozenset(self._names)

    def update(self, devices: Sequence[DeviceSettings]) -> None:
        """Some devices are registered, or bear another name now."""
        if any(self._names.get(device.mn) != device.name for device in devices):
            self._names = {**self._names, **{device.mn: device.name for device in devices}}
            self._registered = frozenset(self._names)

    def row(self, mn: str) -> Row | None:
        """One station; None when it is neither known nor registered."""
        if mn not in self._names and self._live.station(mn, 0) is None:
            return None
        return self._rows([mn])[0]

    def page(self, listing: Listing) -> Page:
        """One screenful of those that a listing asks for."""
        facts = self._live.facts()
        directory = self._current(facts)
        chosen = self._chosen(listing, facts, directory)
        pages = max(1, -(-len(chosen) // listing.size))
        number = min(max(listing.number, 1), pages)
        shown = chosen[(number - 1) * listing.size : number * listing.size]
        return Page(self._rows(directory.mns(shown)), number, pages, len(chosen))

    def mns_after(self, mn: str, limit: int) -> list[str]:
        """The next ``limit`` MNs in order, behind one that need not be there; "": the first."""
        directory = self._current(self._live.facts())
        return directory.mns(directory.after(mn, limit))

    def pieces(self, mns: Sequence[str]) -> Iterator[list[Row]]:
        """The rows of some MNs, in pieces."""
        for start in range(0, len(mns), ROWS_AT_ONCE):
            yield self._rows(mns[start : start + ROWS_AT_ONCE])

    def summary(self) -> dict[str, int]:
        """How many are known, online, offline, unregistered; event loop only."""
        return self._live.summary(self._as_of_us(), self._registered)

    def _current(self, facts: Facts) -> Directory:
        names, directory = self._names, self._directory
        if not directory.is_of(facts.mns, len(facts.frames), names):
            directory = self._directory = Directory(facts.mns, len(facts.frames), names)
        return directory

    def _chosen(self, listing: Listing, facts: Facts, directory: Directory) -> Places:
        """The places that a listing asks for, in its order."""
        wanted = np.ones(len(directory), np.bool_)
        if listing.find:
            wanted &= directory.containing(listing.find)
        if listing.state == "unregistered":
            wanted &= ~directory.registered
        elif listing.state:
            online = self._live.online(facts.last_seen, self._as_of_us())
            wanted &= directory.spread(online, False) == (listing.state == "online")
        chosen = np.flatnonzero(wanted)
        if listing.sort == "mn":
            return chosen
        column, silent = {
            "last_seen": (facts.last_seen, NO_TIME),
            "frames": (facts.frames, 0),
            "bad": (facts.bad, 0),
        }[listing.sort]
        falling = np.invert(directory.spread(column, silent)[chosen])  # largest first
        return chosen[np.argsort(falling, kind="stable")]

    def _rows(self, mns: Sequence[str]) -> list[Row]:
        rows: list[dict[str, Any]] = self._live.rows(mns, self._as_of_us())
        names = self._names
        for row in rows:
            mn = row["mn"]
            links = self._routes.links_of(mn)
            row["name"] = names.get(mn, "")
            row["registered"] = mn in names
            row["links"] = len(links)
            row["peer"] = links[-1].peer if links else ""
        return rows
