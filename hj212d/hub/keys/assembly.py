"""The room of keys, put together. Tests: tests/hub/keys/test_keys_desk.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from hj212d.hub.commands.service import CommandService
from hj212d.hub.connection import Answering
from hj212d.hub.devices import Devices
from hj212d.hub.keys.activation import ActivationService
from hj212d.hub.keys.desk import KeysDesk
from hj212d.hub.keys.requests import Activate, Activations, Keys
from hj212d.hub.keys.service import KeyService
from hj212d.hub.keys.settings import KeysSettings
from hj212d.hub.keys.tally import Tally
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request
from hj212d.hub.routes import Routes
from hj212d.hub.slow_work import SlowWork
from hj212d.hub.stations import Stations
from hj212d.hub.worker_desk import WorkerDesk
from hj212d.wire.settings import DeviceSettings, sm4_key


class KeyRoom(msgspec.Struct, frozen=True):
    """``service`` is to be started; ``tally.observe`` wants the batches that the store has
    committed."""

    service: KeyService
    activation: ActivationService
    tally: Tally
    answers: dict[type[Request], Answering]

    def reload(self, settings: KeysSettings) -> None:
        """Other settings from now on."""
        self.service.reload(settings)
        self.activation.settings = settings

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {**self.service.status(), "activation": self.activation.status()}


def make_keys(
    reactor: Any,
    *,
    registry: RegistryService,
    commands: CommandService,
    routes: Routes,
    stations: Stations,
    devices: Devices,
    slow: SlowWork,
    configured: Callable[[], Sequence[DeviceSettings]],
    workers: WorkerDesk,
    settings: KeysSettings,
    now_us: Callable[[], int],
) -> KeyRoom:
    """``configured``: the devices of the configuration."""
    tally = Tally(now_us())
    service = KeyService(
        reactor,
        registry=registry,
        commands=commands,
        routes=routes,
        tally=tally,
        all_told=lambda: workers.all_told,
        heard_of=lambda mn: bool((stations.row(mn) or {}).get("version")),
        configured=lambda: {
            one.mn: [sm4_key(text) for text in one.keys] for one in configured() if one.keys
        },
        settings=settings,
        now_us=now_us,
    )
    activation = ActivationService(
        registry=registry,
        commands=commands,
        taken=lambda mn: devices.knows(mn) or stations.row(mn) is not None,
        speaks=lambda mn: routes.route(mn) is not None,
        peer_of=workers.peer_of,
        settings=settings,
        now_us=now_us,
    )
    devices.changed.append(service.keys_changed)
    devices.replaced.append(lambda _: service.read_again())
    routes.identified_hooks.append(lambda mn, _link, _slot: activation.identified(mn))
    desk = KeysDesk(
        reactor,
        keys=service,
        activation=activation,
        tally=tally,
        stations=stations,
        devices=devices,
        slow=slow,
        now_us=now_us,
    )
    answers: dict[type[Request], Answering] = {
        Keys: desk.keys,
        Activations: desk.activations,
        Activate: desk.activate,
    }
    return KeyRoom(service, activation, tally, answers)
