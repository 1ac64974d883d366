"""The room of alerts, put together. Tests: tests/system/test_alerts_of_a_hub.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from alerts.cases import Cases
from alerts.incidents.terms import Render, Terms
from alerts.rules.book import Rule
from alerts.settings import AlertsSettings
from hj212d.hub.alerts.checking import Checking
from hj212d.hub.alerts.ears import Ears
from hj212d.hub.alerts.evaluator import Evaluator
from hj212d.hub.alerts.ground import HubGround
from hj212d.hub.alerts.means_feed import MeansFeed
from hj212d.hub.alerts.places import SitePlaces
from hj212d.hub.alerts.reading import JournalReading
from hj212d.hub.alerts.service import AlertService
from hj212d.hub.alerts.system_rules import Figures, Target
from hj212d.hub.alerts.watch import Watch
from hj212d.hub.completeness.reckoning import Reckoning
from hj212d.hub.completeness.settings import CompletenessSettings
from hj212d.hub.devices import Devices
from hj212d.hub.means.asking import Means
from hj212d.hub.means.service import MeansService
from hj212d.hub.quality.asking import Quality
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.routes import Routes
from hj212d.hub.site_book import SiteBook
from hj212d.hub.slow_work import SlowWork
from hj212d.hub.status import journal_state
from hj212d.hub.times import BEIJING
from hj212d.hub.workers import Workers

ASK_TIMEOUT_S = 300.0


class AlertsRoom(msgspec.Struct, frozen=True):
    """``service`` is to be started after the registry's and that of means; None: alerts are off.
    ``places``: stations and regions as alerts speak of them."""

    service: AlertService | None
    places: SitePlaces

    @property
    def services(self) -> list[AlertService]:
        """The service, where there is one."""
        return [] if self.service is None else [self.service]

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {"on": False} if self.service is None else self.service.status()

    def reload(self, settings: AlertsSettings) -> None:
        """Other settings from now on; whether it is on waits for a restart."""
        if self.service is not None:
            self.service.configure(settings)


def make_alerts(
    reactor: Any,
    *,
    data_dir: Path,
    journal_dir: Path,
    registry: RegistryService,
    devices: Devices,
    sites: SiteBook,
    routes: Routes,
    workers: Workers,
    means: MeansService,
    asked: Means,
    quality: Quality,
    reckoning: Reckoning,
    completeness: Callable[[], CompletenessSettings],
    region_names: Callable[[], Mapping[str, str]],
    targets: Callable[[], list[dict[str, Any]]],
    store_lag: Callable[[], tuple[float | None, str]],
    render: Render,
    told: Callable[[], object],
    settings: AlertsSettings,
    now_us: Callable[[], int],
) -> AlertsRoom:
    """``asked``: who knows means; ``targets``: rows of the status of forwarding; ``store_lag``:
    seconds that the store is behind, and its state; ``render``: a step of an incident -> its
    words; ``told``: called when there are new messages."""
    places = SitePlaces(sites, region_names)
    if not settings.on:
        return AlertsRoom(None, places)
    ground = HubGround(
        sites,
        lambda: [device.mn for device in devices.settings() if device.enabled],
        lambda: datetime.fromtimestamp(now_us() / 1e6, BEIJING).date(),
    )
    watch = Watch(
        data_dir,
        lambda positions: JournalReading(journal_dir, positions, devices.device),
        lambda rules: Evaluator(rules, ground, settings),
        now_us,
    )
    cases = Cases(medium=lambda mn: ground.medium(mn) if mn else "")

    def terms(now: datetime, rules: dict[str, Rule]) -> Terms:
        return Terms(
            now=now,
            rules=rules,
            settings=service.settings,
            places=places,
            render=render,
            on_case=cases,
        )

    def figures() -> Figures:
        lag_s, state = store_lag()
        return Figures(
            targets=[_target(row) for row in targets()],
            store_lag_s=lag_s,
            store_state=state,
            journal_state=journal_state(workers.journal_states()),
        )

    service = AlertService(
        reactor,
        watch=watch,
        registry=registry,
        terms=terms,
        limits=ground,
        ears=Ears(workers.rows, now_us),
        feed=MeansFeed(
            reactor,
            means=asked,
            quality=quality,
            upto=lambda: means.rolling.closed_upto,
            slow=SlowWork("alert-means", threads=1, waiting=1, timeout_s=ASK_TIMEOUT_S),
        ),
        checking=Checking(
            reactor,
            rates=reckoning,
            completeness=completeness,
            sites=ground,
            registry=registry,
            slow=SlowWork("alert-checks", threads=1, waiting=1, timeout_s=ASK_TIMEOUT_S),
        ),
        figures=figures,
        folders=(journal_dir, data_dir),
        settings=settings,
        now_us=now_us,
    )
    service.told.append(told)
    means.made.append(service.means_made)
    routes.identified_hooks.append(service.identified)
    routes.left_hooks.append(service.left)
    sites.changed.append(service.different)
    return AlertsRoom(service, places)


def _target(row: dict[str, Any]) -> Target:
    return Target(row["name"], row["state"], row["lag_seconds"], row["unacknowledged"])
