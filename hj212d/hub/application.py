"""The hub, put together: one tree of services, started in order and stopped in reverse.

The only file of the room that knows all the others. Tests: tests/hub/test_hub_process.py.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from twisted.application.service import MultiService
from twisted.internet.defer import inlineCallbacks
from twisted.logger import Logger

from admin import decisions_api
from admin.app import create_app
from hj212d.hub import device_requests, metrics
from hj212d.hub.alerting import Alerting
from hj212d.hub.commands.assembly import make_commands
from hj212d.hub.completeness.assembly import make_completeness
from hj212d.hub.connection import ControlFactory
from hj212d.hub.control_service import ControlService
from hj212d.hub.decisions.assembly import make_decisions
from hj212d.hub.desk import Desk
from hj212d.hub.devices import Devices
from hj212d.hub.figures_service import FiguresService
from hj212d.hub.forward import requests as forward_requests
from hj212d.hub.forward.assembly import make_forwarding
from hj212d.hub.http import HttpService
from hj212d.hub.ingest import Ingest
from hj212d.hub.ingest_service import IngestService
from hj212d.hub.judging import Judging
from hj212d.hub.keys.assembly import make_keys
from hj212d.hub.live import Live
from hj212d.hub.orders import Orders
from hj212d.hub.positions.assembly import make_positions
from hj212d.hub.registry_keeping import RegistryKeeping
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.replay_service import ReplayService
from hj212d.hub.retention_service import RetentionService
from hj212d.hub.routes import Routes
from hj212d.hub.site_book import SiteBook
from hj212d.hub.slow_work import SlowWork
from hj212d.hub.source import HubSource
from hj212d.hub.stations import Stations
from hj212d.hub.status import Facts, health, status
from hj212d.hub.status_service import StatusService
from hj212d.hub.tail_service import TailService
from hj212d.hub.tidy_service import TidyService
from hj212d.hub.worker_desk import WorkerDesk
from hj212d.hub.workers import Workers
from hj212d.journal.identity import identity
from store.means import Store
from store.open import open_store
from store.registry.open import open_registry

QUERY_THREADS = 3
QUERIES_WAITING = 16
FIGURES_TIMEOUT_S = 30.0
REGISTRY_WAIT_S = 30.0  # then frames are stored without it, and a replay reads what was encrypted

_UNHEARD = {"st": ""}


def now_us() -> int:
    """The machine's clock: UTC, microseconds since 1970."""
    return time.time_ns() // 1000


class Hub(MultiService):
    """All services of the hub. Starting raises when an address cannot be bound; a store that is
    missing or locked does not stop it."""

    _log = Logger()

    def __init__(self, reactor: Any, orders: Orders) -> None:
        MultiService.__init__(self)
        self._reactor = reactor
        self._orders = orders
        self._started_us = now_us()
        settings = orders.hub
        self._api_tokens = settings.api_tokens
        journal_dir = orders.journal_dir
        self._store: Store = open_store(
            orders.store_url,
            orders.store,
            late_after_s=settings.late_after_s,
            node=lambda: identity(journal_dir),
        )
        self._devices = Devices(orders.devices, unknown_mn=orders.unknown_mn)
        self._sites = SiteBook(
            self._devices, orders.sites, lambda mn: (self._live.station(mn, 0) or _UNHEARD)["st"]
        )
        self._registry = RegistryService(
            reactor,
            orders.registry_url,
            lambda: open_registry(orders.registry_url, orders.registry_key),
            self._devices,
            self._sites,
        )
        self._keeping = RegistryKeeping(
            reactor,
            self._registry,
            now_us,
            orders.registry.keep_days,
            orders.completeness.fill_days,
            orders.registry.keep_alerts_days,
        )
        self._decisions = make_decisions(
            reactor,
            registry=self._registry,
            sites=self._sites,
            settings=lambda: self._orders.review,
            now_us=now_us,
        )
        self._live = Live(
            offline_after_s=settings.offline_after_s,
            max_mns=settings.live_max_mns,
            max_factors=settings.live_max_factors,
        )
        self._workers = Workers()
        self._routes = Routes()
        self._worker_desk = WorkerDesk(reactor, self._workers, self._routes, now_us)
        self._queries = SlowWork(
            "queries",
            threads=QUERY_THREADS,
            waiting=QUERIES_WAITING,
            timeout_s=settings.query_timeout_s,
        )
        self._background = SlowWork("figures", threads=1, waiting=1, timeout_s=FIGURES_TIMEOUT_S)

        self._ingesting = IngestService(reactor, self._store, self._live, now_us)
        self._ingesting.may_begin = self._keys_are_known
        self._ingest = self._ingesting.ingest = Ingest(
            journal_dir,
            self._store,
            self._devices.device,
            orders.store,
            time.time,
            clock_tolerance_s=settings.clock_tolerance_s,
            late_after_s=settings.late_after_s,
            observer=self._ingesting.observe,
        )
        self._stations = Stations(
            self._live, self._routes, orders.devices, lambda: self._ingesting.as_of_us
        )
        self._devices.changed += [self._stations.update, self._worker_desk.changed]
        self._devices.replaced += [
            lambda _: self._stations.register(self._devices.settings()),
            self._worker_desk.devices,
        ]
        self._commands = make_commands(
            reactor,
            journal_dir=journal_dir,
            registry=self._registry,
            devices=self._devices,
            heard=self._stations.row,
            routes=self._routes,
            workers=self._worker_desk,
            store=self._store,
            settings=orders.commands,
            now_us=now_us,
        )
        self._keys = make_keys(
            reactor,
            registry=self._registry,
            commands=self._commands.service,
            routes=self._routes,
            stations=self._stations,
            devices=self._devices,
            slow=self._queries,
            configured=lambda: self._orders.devices,
            workers=self._worker_desk,
            settings=orders.keys,
            now_us=now_us,
        )
        self._positions, self._position_answers = make_positions(
            reactor,
            registry=self._registry,
            ear=self._commands.ear,
            settings=orders.position,
            now_us=now_us,
        )
        self._ingesting.observers += [self._keys.tally.observe, self._positions.observe]
        self._figures = FiguresService(
            reactor,
            self._background,
            journal_dir,
            self._ingest,
            self._store.totals,
            lambda: self._ingest.rows_total,
        )
        self._retention = RetentionService(reactor, journal_dir, orders.journal, now_us)
        self._tidying = TidyService(
            reactor,
            self._store.tidy,
            lambda: self._ingest.state == "ok" and not self._ingest.behind,
            now_us,
        )
        self._tail = TailService(reactor, journal_dir, self._devices.device)
        self._replays = ReplayService(
            reactor, journal_dir, self._store, self._devices, self._ingesting.rebuild
        )
        self._replays.clock_tolerance_s = settings.clock_tolerance_s
        self._replays.late_after_s = settings.late_after_s
        self._forwarding = make_forwarding(
            reactor,
            Path(orders.data_dir),
            journal_dir,
            orders.forwards,
            self._devices,
            self._registry,
            self._commands.service,
            now_us,
        )
        self._completeness = make_completeness(
            reactor,
            store=self._store,
            registry=self._registry,
            devices=self._devices,
            commands=self._commands.service,
            routes=self._routes,
            store_at_us=lambda: self._ingesting.as_of_us,
            slow=self._queries,
            settings=orders.completeness,
            now_us=now_us,
        )
        self._judging = Judging(
            reactor,
            orders,
            store=self._store,
            registry=self._registry,
            devices=self._devices,
            sites=self._sites,
            store_at_us=lambda: self._ingesting.as_of_us,
            slow=self._queries,
            now_us=now_us,
        )
        self._alerting = Alerting(
            reactor,
            orders,
            judging=self._judging,
            completeness=self._completeness,
            store=self._store,
            registry=self._registry,
            devices=self._devices,
            sites=self._sites,
            routes=self._routes,
            workers=self._workers,
            targets=self._forwarding.status,
            store_lag=lambda: (self._figures.figures.lag_seconds, self._ingest.state),
            now_us=now_us,
        )
        self._status = StatusService(reactor, self._status_now)
        self._http = self._make_http(settings.http) if settings.http else None
        for service in self._in_order():
            service.setServiceParent(self)

    @property
    def ready_line(self) -> str:
        """What the supervisor waits for, once started."""
        return f"ready http={self._http_address} store={self._store.url}"

    def startService(self) -> None:
        """Start all, the control socket last: who can connect is answered."""
        MultiService.startService(self)

    @inlineCallbacks
    def stopService(self) -> Any:
        """Bring the journal into the store, stop all, close the store."""
        # Last started, first stopped; the ingest is among the last, when nobody asks any more.
        for service in reversed(list(self)):
            if service.running:
                yield service.stopService()
        self.running = 0
        self._commands.close()
        self._queries.close()
        self._background.close()
        self._store.close()

    def reload(self, orders: Orders) -> None:
        """Take over what may change while running; the rest waits for a restart."""
        self._api_tokens = orders.hub.api_tokens
        self._orders = orders
        self._devices.set(orders.devices, unknown_mn=orders.unknown_mn)
        self._sites.set(orders.sites)
        self._stations.register(self._devices.settings())
        self._registry.look()
        self._live.offline_after_s = orders.hub.offline_after_s
        self._commands.service.settings = orders.commands
        self._completeness.service.settings = orders.completeness
        self._judging.reload(orders)
        self._alerting.reload(orders)
        self._keeping.keep_days = orders.registry.keep_days
        self._keeping.alerts_days = orders.registry.keep_alerts_days
        self._keeping.gap_days = orders.completeness.fill_days
        self._keys.reload(orders.keys)
        self._positions.reload(orders.position)
        self._ingest.clock_tolerance_s = orders.hub.clock_tolerance_s
        self._replays.clock_tolerance_s = orders.hub.clock_tolerance_s
        self._ingest.late_after_s = orders.hub.late_after_s
        self._replays.late_after_s = orders.hub.late_after_s
        self._store.late_after_s = orders.hub.late_after_s
        self._ingest.settings = orders.store
        self._retention.settings = orders.journal
        self._forwarding.configure(orders.forwards)
        self._log.info("event=reloaded devices={devices}", devices=len(orders.devices))

    def _in_order(self) -> list[Any]:
        control = ControlService(self._reactor, self._orders.control_path, self._control_factory())
        services = [
            self._registry,
            self._keeping,
            *self._commands.services,
            self._keys.service,
            self._ingesting,
            self._figures,
            self._retention,
            self._tidying,
            self._replays,
            self._forwarding,
            self._completeness.service,
            *self._judging.services,
            *self._alerting.services,
            self._tail,
            self._status,
        ]
        return [*services, *([self._http] if self._http else []), control]

    def _control_factory(self) -> ControlFactory:
        desk = Desk(
            status=self._status.fresh,
            stations=self._stations,
            live=self._live,
            routes=self._routes,
            store=self._store,
        )
        return ControlFactory(
            self._reactor,
            desk,
            self._queries,
            self._worker_desk,
            self._tail,
            self._replays,
            more={
                **device_requests.answers(self._registry, self._devices),
                **self._commands.answers,
                **self._completeness.answers,
                **self._judging.answers,
                **self._alerting.answers,
                **self._keys.answers,
                **self._position_answers,
                **self._decisions.answers,
                **forward_requests.answers(self._forwarding),
            },
            streams=self._commands.streams,
        )

    def _keys_are_known(self) -> bool:
        """Whether encrypted frames can be read: the registry was, or will not be for long."""
        waited_us = now_us() - self._started_us
        return self._registry.state == "ok" or waited_us > REGISTRY_WAIT_S * 1_000_000

    def _make_http(self, address: str) -> HttpService:
        source = HubSource(
            status=self._status.recent,
            stations=self._stations,
            live=self._live,
            store=self._store,
            slow=self._queries,
        )
        return HttpService(
            self._reactor,
            address,
            create_app(
                source,
                self._commands.window,
                lambda: self._api_tokens,
                self._completeness.window,
                [
                    decisions_api.routes(self._decisions.window),
                    *self._judging.routes(),
                    *self._alerting.routes(),
                ],
            ),
            metrics.exposition(self._status.fresh),
            lambda: health(self._status.fresh()),
        )

    @property
    def _http_address(self) -> str:
        return self._http.address if self._http is not None and self._http.running else "none"

    def _status_now(self) -> dict[str, Any]:
        facts = Facts(
            started_us=self._started_us,
            store_url=self._store.url,
            listen=self._orders.listen,
            http=self._http_address,
            journal_sync=self._orders.journal.sync,
            store_state=self._ingest.state,
            store_error=self._ingest.error,
            mended=self._ingest.damaged.mended,
            damaged=self._ingest.damaged.places,
            damaged_bytes=self._ingest.damaged.bytes,
            ingest_errors=self._ingest.errors,
            ingest_faults=self._ingesting.faults,
            ready=self._ingesting.rebuilt,
            watching=self._tail.watching,
            routes=len(self._routes),
            doubled=self._routes.doubled(),
            routes_refused=self._routes.refused,
            tidy={"steps": self._tidying.steps, "faults": self._tidying.faults},
            retention=self._retention.status(),
            forward=self._forwarding.status(),
            stations=self._stations.summary(),
            registry={**self._registry.status(), "keeping": self._keeping.status()},
            commands=self._commands.service.status(),
            completeness=self._completeness.service.status(),
            keys=self._keys.status(),
            positions=self._positions.status(),
            **self._judging.status(),
            **self._alerting.status(),
        )
        return status(facts, self._workers, self._live, self._figures.figures)
