"""The room of completeness, put together. Tests: tests/system/test_gap_filling.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from hj212d.hub.commands.service import CommandService
from hj212d.hub.completeness.api_window import ApiWindow
from hj212d.hub.completeness.desk import CompletenessDesk
from hj212d.hub.completeness.reckoning import Reckoning
from hj212d.hub.completeness.requests import Completeness, Gaps
from hj212d.hub.completeness.service import FillService
from hj212d.hub.completeness.settings import CompletenessSettings
from hj212d.hub.connection import Answering
from hj212d.hub.devices import Devices
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request
from hj212d.hub.routes import Routes
from hj212d.hub.slow_work import SlowWork
from store.timeseries import TimeSeriesStore

# A look at some hundred devices, of all that are looked over in a round.
LOOK_TIMEOUT_S = 300.0


class CompletenessRoom(msgspec.Struct, frozen=True):
    """``service`` is to be started, after the registry's and that of commands. ``reckoning``: for
    other rooms, blocking."""

    service: FillService
    reckoning: Reckoning
    desk: CompletenessDesk
    answers: dict[type[Request], Answering]
    window: ApiWindow


def make_completeness(
    reactor: Any,
    *,
    store: TimeSeriesStore,
    registry: RegistryService,
    devices: Devices,
    commands: CommandService,
    routes: Routes,
    store_at_us: Callable[[], int],
    slow: SlowWork,
    settings: CompletenessSettings,
    now_us: Callable[[], int],
) -> CompletenessRoom:
    """``store_at_us``: all that was received before this is in the store; ``slow``: the threads
    of queries."""
    reckoning = Reckoning(
        store,
        devices.record,
        lambda: [device.mn for device in devices.settings()],
        now_us,
    )
    service = FillService(
        reactor,
        reckoning=reckoning,
        registry=registry,
        commands=commands,
        connected=lambda mn: routes.route(mn) is not None,
        store_at_us=store_at_us,
        slow=SlowWork("completeness", threads=1, waiting=1, timeout_s=LOOK_TIMEOUT_S),
        settings=settings,
        now_us=now_us,
    )
    routes.identified_hooks.append(service.identified)
    routes.left_hooks.append(service.left)
    desk = CompletenessDesk(
        reactor,
        reckoning=reckoning,
        registry=registry,
        slow=slow,
        settings=lambda: service.settings,
    )
    answers: dict[type[Request], Answering] = {
        Completeness: desk.completeness,
        Gaps: desk.gaps,
    }
    return CompletenessRoom(service, reckoning, desk, answers, ApiWindow(reactor, desk, slow))
