"""The room of commands, put together. Tests: tests/hub/commands/test_commanding_hub.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from twisted.internet.defer import Deferred

from hj212d.hub.commands.api_window import ApiWindow
from hj212d.hub.commands.desk import CommandsDesk
from hj212d.hub.commands.ear import EarService
from hj212d.hub.commands.facts import Witness
from hj212d.hub.commands.new_password import NewPasswords
from hj212d.hub.commands.service import CommandService
from hj212d.hub.commands.settings import CommandsSettings
from hj212d.hub.connection import Answering, Streaming
from hj212d.hub.devices import Devices
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request
from hj212d.hub.routes import Routes
from hj212d.hub.slow_work import SlowWork
from hj212d.hub.worker_desk import WorkerDesk
from store.timeseries import FrameQuery, TimeSeriesStore

PASSWORDS_WAITING = 1000
PASSWORD_TIMEOUT_S = 10.0


class CommandRoom(msgspec.Struct, frozen=True):
    """``services`` are to be started in this order, after the registry's."""

    ear: EarService
    service: CommandService
    answers: Mapping[type[Request], Answering]
    streams: Mapping[type[Request], Streaming]
    window: ApiWindow
    close: Callable[[], None]

    @property
    def services(self) -> list[Any]:
        """Ear first: commands tell it when to begin."""
        return [self.ear, self.service]


def make_commands(
    reactor: Any,
    *,
    journal_dir: Path,
    registry: RegistryService,
    devices: Devices,
    heard: Callable[[str], dict[str, Any] | None],
    routes: Routes,
    workers: WorkerDesk,
    store: TimeSeriesStore,
    settings: CommandsSettings,
    now_us: Callable[[], int],
) -> CommandRoom:
    """``heard``: an MN's row of the live picture, None when it never spoke."""
    looking = SlowWork(
        "passwords", threads=1, waiting=PASSWORDS_WAITING, timeout_s=PASSWORD_TIMEOUT_S
    )

    def last_frames(query: FrameQuery) -> Deferred[list[bytes]]:
        return looking.defer(reactor, lambda: store.frames(query)["raw"].to_pylist())

    ear = EarService(reactor, journal_dir, devices.device, now_us)
    witness = Witness(devices, heard, lambda mn: routes.route(mn) is not None, last_frames)
    ear.passwords.append(witness.saw_password)
    ear.listeners.append(witness.spoke)
    service = CommandService(
        reactor,
        ear=ear,
        keeper=registry,
        sender=workers,
        ways=routes,
        knowing=witness,
        settings=settings,
        now_us=now_us,
    )
    service.finished.append(NewPasswords(registry, witness).finished)
    routes.identified_hooks.append(service.identified)
    routes.left_hooks.append(service.left)
    registry.opened.append(service.load)
    desk = CommandsDesk(reactor, service)
    window = ApiWindow(reactor, service)
    return CommandRoom(ear, service, desk.answers, desk.streams, window, looking.close)
