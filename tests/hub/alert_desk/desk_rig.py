"""A desk of alerts over a real registry, with a clock that tests turn. Not a test itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from alerts.incidents import deeds
from alerts.notify.wording import Wording
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from hj212d.hub.alert_desk.deeds import AlertDeed, carried_out
from hj212d.hub.alert_desk.terms import desk_terms, incident_terms
from hj212d.hub.alerts.places import SitePlaces
from hj212d.hub.devices import Devices
from hj212d.hub.registered import registered
from hj212d.hub.site_book import SiteBook
from store.registry.open import Registry
from store.registry.records import DeviceRecord

NOW = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # 8:00 in Beijing


class Desk:
    """Does deeds as the hub does, and what detectors tell; ``now`` may be turned."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.now = NOW
        self.settings = AlertsSettings()
        self.devices = Devices([])
        self.sites = SiteBook(self.devices)
        self.places = SitePlaces(self.sites, lambda: {"330106": "西湖区"})

    def stations(self, *mns: str, region: str = "330106") -> None:
        """Register stations, each with a name, the first at a place."""
        for n, mn in enumerate(mns):
            self.registry.devices.put(
                DeviceRecord(
                    mn=mn,
                    name=f"站{mn}",
                    region=region,
                    longitude=None if n else 120.1,
                    latitude=None if n else 30.2,
                ),
                "test",
            )
        self.devices.load(registered(self.registry))

    def __call__(self, kind: type[AlertDeed], /, **said: Any) -> dict[str, Any]:
        """What comes of it, as it goes over the socket."""
        terms = desk_terms(self.now, self.sites, self.places, self.settings, Wording().render)
        answer = carried_out(kind(**{"who": "anna", **said}), self.registry, terms)
        decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer))
        return decoded

    def refusal(self, kind: type[AlertDeed], /, **said: Any) -> str:
        """The sentence with which it is refused."""
        with pytest.raises(ValueError) as problem:
            self(kind, **said)
        return str(problem.value)

    def tells(self, mn: str, what: Any = "raised", **said: Any) -> None:
        """A detector tells of a station."""
        fields = {
            "rule": "offline",
            "kind": "offline",
            "subject": f"mn:{mn}",
            "began": self.now,
            "at": self.now,
            "seen_at": self.now,
            **said,
        }
        deeds.take(self.registry, [Signal(what=what, **fields)], self._terms())

    def later(self, **span: float) -> None:
        """The clock goes on, and the keeper of incidents looks."""
        self.now += timedelta(**span)
        deeds.tick(self.registry, self._terms())

    def incident(self, mn: str = "A", **said: Any) -> str:
        """One that stands; its number."""
        self.tells(mn, **said)
        self.later(minutes=5)
        found = self.registry.incidents.list(mn=mn)
        assert found, "no incident came of it"
        return found[0].no

    def _terms(self) -> Any:
        make = incident_terms(self.now, self.sites, self.places, self.settings, Wording().render)
        return make(self.registry)
