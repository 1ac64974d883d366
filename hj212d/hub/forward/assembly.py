"""The forwarders, put together from what the hub has. Tests: tests/system/test_forwarding.py."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from hj212d.hub.devices import Devices
from hj212d.hub.forward.bales import Baler, Recent
from hj212d.hub.forward.dead import DeadLetters
from hj212d.hub.forward.downlink import Commands, Downlink
from hj212d.hub.forward.feed import Feed
from hj212d.hub.forward.forwarder import Forwarder
from hj212d.hub.forward.outlet import Outlet
from hj212d.hub.forward.publish.open import open_publisher
from hj212d.hub.forward.replay_jobs import ReplayJobs
from hj212d.hub.forward.route import Reading, Route
from hj212d.hub.forward.rules import Rules
from hj212d.hub.forward.service import ForwardService
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.hub.forward.tcp_outlet import TcpOutlet
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.reread import Rereader


def make_forwarding(
    reactor: Any,
    data_dir: Path,
    journal_dir: Path,
    targets: Sequence[ForwardSettings],
    devices: Devices,
    registry: RegistryService,
    commands: Commands,
    now_us: Callable[[], int],
) -> ForwardService:
    """The service of all targets."""
    sent = Recent()
    dead = DeadLetters(registry, now_us)
    registry.opened.append(dead.load)

    def region(mn: str) -> str:
        return devices.record(mn).region

    def make(target: ForwardSettings, folder: Path, pool: Executor) -> Forwarder:
        def make_feed(positions: Mapping[str, int]) -> Reading:
            return Feed(
                journal_dir,
                positions,
                Rules(target, region),
                name=target.name,
                device=devices.device,
                sent=sent,
                max_lag_bytes=target.max_lag_bytes,
                now_us=now_us,
            )

        def make_route() -> Route:
            return Route(folder, journal_dir, target.name, target.start, make_feed)

        def make_outlet() -> Outlet:
            if target.kind == "tcp":
                return TcpOutlet(reactor, target, random.random)
            return open_publisher(target, reactor, devices.device)

        def make_baler() -> Baler:
            return Baler(Rules(target, region), Recent(), sent, devices.device)

        replays = ReplayJobs(
            folder,
            journal_dir,
            target.name,
            make_baler,
            lambda: Rereader(devices.device),
            devices.admit,
        )
        forwarder = Forwarder(
            reactor,
            pool,
            target,
            folder,
            make_route=make_route,
            make_outlet=make_outlet,
            replays=replays,
            dead=dead,
            now_us=now_us,
        )
        downlink = Downlink(
            target,
            Rules(target, region),
            commands,
            lambda mn: devices.record(mn).password,
            forwarder.say,
        )
        forwarder.heard = downlink.request
        forwarder.ended = downlink.close
        return forwarder

    return ForwardService(reactor, data_dir, journal_dir, targets, make, dead)
