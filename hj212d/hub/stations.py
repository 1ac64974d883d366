"""The list of stations that people see: live state, joined with name, registration and route.

Routes change on the event loop while this may run in a thread; it copies them first.
Tests: tests/hub/test_control.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hj212d.hub.live import Live
from hj212d.hub.routes import Routes
from hj212d.wire.settings import DeviceSettings


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

    def register(self, devices: Sequence[DeviceSettings]) -> None:
        """Take the registered devices from the settings, at start and on a reload."""
        self._names = {device.mn: device.name for device in devices}
        self._registered = frozenset(self._names)

    def rows(self) -> list[dict[str, Any]]:
        """All stations, known and registered, in order of MN."""
        names = self._names
        rows = self._live.stations(self._as_of_us(), names)
        for row in rows:
            mn = row["mn"]
            links = self._routes.links_of(mn)
            row["name"] = names.get(mn, "")
            row["registered"] = mn in names
            row["links"] = len(links)
            row["peer"] = links[-1].peer if links else ""
        return rows

    def summary(self) -> dict[str, int]:
        """How many are known, online, offline, unregistered."""
        return self._live.summary(self._as_of_us(), self._registered)
