"""The room of means, put together. Tests: tests/system/test_means_of_a_hub.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from hj212d.hub.connection import Answering
from hj212d.hub.devices import Devices
from hj212d.hub.means.api_window import ApiWindow
from hj212d.hub.means.asking import Means
from hj212d.hub.means.desk import MeansDesk
from hj212d.hub.means.marking import Marks
from hj212d.hub.means.requests import Means as MeansRequest
from hj212d.hub.means.requests import MeansRecompute
from hj212d.hub.means.rolling import Rolling
from hj212d.hub.means.roster import Roster
from hj212d.hub.means.service import MeansService
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request
from hj212d.hub.site_book import SiteBook
from hj212d.hub.slow_work import SlowWork
from store.means import Store


class MeansRoom(msgspec.Struct, frozen=True):
    """``service`` is to be started, after the registry's. ``means``: for other rooms, blocking."""

    service: MeansService
    means: Means
    answers: dict[type[Request], Answering]
    window: ApiWindow

    def reload(self, settings: MeansSettings) -> None:
        """Other settings from now on."""
        self.service.settings = self.means.settings = settings


def make_means(
    reactor: Any,
    *,
    store: Store,
    registry: RegistryService,
    devices: Devices,
    sites: SiteBook,
    store_at_us: Callable[[], int],
    slow: SlowWork,
    settings: MeansSettings,
    now_us: Callable[[], int],
) -> MeansRoom:
    """``store_at_us``: all that was received before this is in the store; ``slow``: the threads
    of queries."""
    marks = Marks()
    roster = Roster(store, sites, settings, lambda mn: devices.record(mn).minute_interval_min)

    def store_at() -> datetime:
        return datetime.fromtimestamp(store_at_us() / 1e6, UTC).replace(tzinfo=None)

    service = MeansService(
        reactor,
        rolling=Rolling(store, roster, marks, settings, store_at),
        marks=marks,
        registry=registry,
        settings=settings,
        now_us=now_us,
    )
    means = Means(store, sites, settings, now_us)
    desk = MeansDesk(reactor, means, service, sites, slow)
    answers: dict[type[Request], Answering] = {
        MeansRequest: desk.means,
        MeansRecompute: desk.recompute,
    }
    return MeansRoom(service, means, answers, ApiWindow(reactor, desk, slow))
