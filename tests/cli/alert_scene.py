"""An incident in the registry of a data folder, as a daemon leaves it. Not a test itself."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.incidents import deeds
from alerts.notify.wording import Wording
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from hj212d.hub.alert_desk.terms import incident_terms
from hj212d.hub.alerts.places import SitePlaces
from hj212d.hub.devices import Devices
from hj212d.hub.site_book import SiteBook
from store.registry.open import open_registry


def silent_station(data: Path, mn: str) -> str:
    """A station that has been silent for an hour; the number of its incident."""
    made = open_registry(f"sqlite:///{data}/registry.db", data / "registry.key")
    sites = SiteBook(Devices([]))
    places = SitePlaces(sites, dict)
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    with closing(made) as registry:
        for minutes in (0, 5):
            at = now + timedelta(minutes=minutes)
            terms = incident_terms(at, sites, places, AlertsSettings(), Wording().render)
            if not minutes:
                signal = Signal(
                    rule="offline",
                    kind="offline",
                    subject=f"mn:{mn}",
                    what="raised",
                    began=at,
                    at=at,
                    seen_at=at,
                    detail={"lane": "w0", "position": 4096},
                )
                deeds.take(registry, [signal], terms(registry))
            deeds.tick(registry, terms(registry))
        found: str = registry.incidents.list(mn=mn)[0].no
    return found
