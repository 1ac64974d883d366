"""The room as the hub makes it, with threads, registry and store: a forecast warns, a ranking is
told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from reactor_thread import RunningReactor
from schedules_rig import beijing
from waiting import wait_until

from alerts.notify.wording import Wording
from alerts.schedules.settings import SchedulesSettings
from alerts.settings import AlertsSettings
from hj212d.hub.alerts.places import SitePlaces
from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.devices import Devices
from hj212d.hub.means.asking import Means
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.settings import QualitySettings
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.schedules.assembly import SchedulesRoom, make_schedules
from hj212d.hub.site_book import SiteBook
from hj212d.wire.settings import DeviceSettings
from store.duckdb_store import DuckDBStore
from store.means import FORECASTS
from store.registry.alert_records import ContactRecord, SubscriptionRecord
from store.registry.decisions import BulletinRecord
from store.registry.open import open_registry

NOW = beijing("2026-11-21T09:20")
ISSUED = datetime(2026, 11, 21, 1)
AIR = {"a34002": 60.0, "a21026": 5.0, "a21004": 20.0, "a21005": 0.5, "a05024": 50.0}


class House:
    """All that the room stands on."""

    def __init__(self, reactor: RunningReactor, store: DuckDBStore, folder: Path) -> None:
        self.reactor, self.store = reactor, store
        self.url, self.key = f"sqlite:///{folder / 'registry.db'}", folder / "key"
        self.people()
        devices = Devices([DeviceSettings(mn="A1", name="西湖站")])
        sites = SiteBook(devices, [SiteSettings(mn="A1", region="330106", medium="air")])
        self.registry = RegistryService(
            reactor.reactor, self.url, lambda: open_registry(self.url, self.key), devices, sites
        )
        means = Means(store, sites, MeansSettings(), self.now_us)
        quality = Quality(means, sites, QualitySettings(), lambda _start, _end: [])
        self.room: SchedulesRoom = make_schedules(
            reactor.reactor,
            store=store,
            quality=quality,
            registry=self.registry,
            sites=sites,
            places=SitePlaces(sites, lambda: {"330106": "西湖区"}),
            render=Wording().render,
            alerts=AlertsSettings,
            templates="",
            settings=SchedulesSettings(warning_places=["region:330106"]),
            now_us=self.now_us,
        )

    def now_us(self) -> int:
        """The time stands."""
        return round(NOW.timestamp() * 1e6)

    def people(self) -> None:
        """Who wants the ranking, and the ranking."""
        registry = open_registry(self.url, self.key)
        li = registry.contacts.put(ContactRecord(name="Li", ways={"email": "li@a.cn"}), "t")
        wanted = SubscriptionRecord(contact_id=li.id, topics=["ranking"], channels=["email"])
        registry.subscriptions.put(wanted, "t")
        row = {"rank": 1, "place": "region:330106", "name": "西湖区", "index": 3.1, "main": "O3"}
        content = {"by": "index", "rankings": {"day": {"rows": [row]}, "month": {"rows": [row]}}}
        registry.bulletins.publish(
            BulletinRecord(
                kind="ranking",
                place="region:*",
                start=beijing("2026-11-20"),
                content=msgspec.json.encode(content).decode(),
                as_of=NOW,
            )
        )
        registry.close()

    def forecast(self) -> None:
        """Two days above 200."""
        rows = [
            {
                "issued": ISSUED,
                "model": "damped",
                "place": "region:330106",
                "factor": factor,
                "level": "hour",
                "start": ISSUED + timedelta(hours=hour),
                "value": value,
                "rmse": 5.0,
                "skill": 0.2,
            }
            for hour in range(72)
            for factor, value in {**AIR, "a34004": 200.0 if hour >= 24 else 30.0}.items()
        ]
        self.store.put_forecasts(pa.Table.from_pylist(rows, schema=FORECASTS))


@pytest.fixture
def house(reactor: RunningReactor, store: DuckDBStore, tmp_path: Path) -> Iterator[House]:
    """The registry is open."""
    made = House(reactor, store, tmp_path)
    reactor.do(made.registry.startService)
    wait_until(lambda: made.registry.state == "ok", "the registry")
    reactor.do(made.room.service.startService)
    yield made
    reactor.do(made.room.service.stopService)
    reactor.do(made.registry.stopService)


def test_ranking_and_warning(house: House) -> None:
    """Both come of one look; the status says so."""
    house.forecast()
    house.reactor.do(house.room.service.look_anew)

    def status() -> dict[str, dict[str, object]]:
        found: dict[str, dict[str, object]] = house.reactor.do(house.room.service.status)
        return found

    wait_until(lambda: bool(status()["warnings"]["evaluated_at"]), "an evaluation")
    found = status()
    assert (found["error"], found["faults_total"]) == ("", 0)
    assert found["warnings"]["warned"] == ["330106 orange"]
    assert found["ranking"] == {"period": "2026-11-20", "state": "told", "messages": 1}
    registry = open_registry(house.url, house.key)
    (alarm,) = registry.alarms.active(rule="heavy-pollution")
    assert (alarm.subject, alarm.began) == ("region:330106", ISSUED.replace(tzinfo=UTC))
    (message,) = registry.outbox.find(about="ranking:2026-11-20")
    assert "西湖区：昨日第1名（共1）" in message.text
    registry.close()
