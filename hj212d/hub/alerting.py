"""The rooms that tell people, put together: alerts, the desk where they are handled, the notifier,
and what goes out by the clock.

Tests: tests/system/test_alerts_of_a_hub.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint

from admin import alerts_api, cases_api, plans_api
from hj212d.hub.alert_desk.assembly import make_alert_desk
from hj212d.hub.alerts.assembly import make_alerts
from hj212d.hub.completeness.assembly import CompletenessRoom
from hj212d.hub.devices import Devices
from hj212d.hub.judging import Judging
from hj212d.hub.notify.assembly import make_notify
from hj212d.hub.orders import Orders
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.routes import Routes
from hj212d.hub.schedules.assembly import make_schedules
from hj212d.hub.site_book import SiteBook
from hj212d.hub.workers import Workers
from hj212d.journal.identity import identity
from store.means import Store


class Alerting:
    """``services`` are to be started after those of `Judging`, in this order."""

    def __init__(
        self,
        reactor: Any,
        orders: Orders,
        *,
        judging: Judging,
        completeness: CompletenessRoom,
        store: Store,
        registry: RegistryService,
        devices: Devices,
        sites: SiteBook,
        routes: Routes,
        workers: Workers,
        targets: Callable[[], list[dict[str, Any]]],
        store_lag: Callable[[], tuple[float | None, str]],
        now_us: Callable[[], int],
    ) -> None:
        """``targets``: how targets of forwarding are; ``store_lag``: how many seconds the store is
        behind the journal, and its state."""
        self._orders = orders
        data_dir = Path(orders.data_dir)
        self.notify = make_notify(
            reactor,
            data_dir=data_dir,
            registry=registry,
            settings=orders.notify,
            now_us=now_us,
            hub=cache(lambda: identity(orders.journal_dir)),
        )
        render = self.notify.wording.render
        self.alerts = make_alerts(
            reactor,
            data_dir=data_dir,
            journal_dir=orders.journal_dir,
            registry=registry,
            devices=devices,
            sites=sites,
            routes=routes,
            workers=workers,
            means=judging.means.service,
            asked=judging.means.means,
            quality=judging.quality.quality,
            reckoning=completeness.reckoning,
            completeness=lambda: self._orders.completeness,
            region_names=lambda: self._orders.quality.regions,
            targets=targets,
            store_lag=store_lag,
            render=render,
            told=self.notify.service.soon,
            settings=orders.alerts,
            now_us=now_us,
        )
        self.desk = make_alert_desk(
            reactor,
            registry=registry,
            sites=sites,
            places=self.alerts.places,
            settings=lambda: self._orders.alerts,
            render=render,
            now_us=now_us,
        )
        self.schedules = make_schedules(
            reactor,
            store=store,
            quality=judging.quality.quality,
            registry=registry,
            sites=sites,
            places=self.alerts.places,
            render=render,
            alerts=lambda: self._orders.alerts,
            templates=orders.notify.templates,
            settings=orders.schedules,
            now_us=now_us,
        )
        judging.forecasts.window.arrived.append(self.schedules.service.look_anew)
        self.services = [self.notify.service, *self.alerts.services, self.schedules.service]
        self.answers = self.desk.answers

    def routes(self) -> list[Callable[[Blueprint], None]]:
        """What the API gets of these rooms."""
        window = self.desk.window
        return [alerts_api.routes(window), cases_api.routes(window), plans_api.routes(window)]

    def reload(self, orders: Orders) -> None:
        """Take over what may change while running."""
        self._orders = orders
        self.alerts.reload(orders.alerts)
        self.notify.reload(orders.notify)
        self.schedules.service.configure(orders.schedules)

    def status(self) -> dict[str, Any]:
        """What the status object says of them."""
        return {
            "alerts": self.alerts.status(),
            "schedules": self.schedules.service.status(),
            "notify": self.notify.status(),
        }
