"""Hub and workers over a real control socket: devices told, changed and told again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_rig import FakeWorker, HubProcess, running_hub
from waiting import wait_until

MN = "010000A8900016F000169DC0"


class Listener(FakeWorker):
    """A worker that keeps what it is told of devices."""

    def __init__(self, control: Path, slot: int) -> None:
        super().__init__(control, slot)
        self.known: dict[str, dict[str, Any]] = {}

    def next_line(self) -> str:
        """Take one line in; its op."""
        said = json.loads(self._lines.readline())
        if said["op"] == "devices":
            self.known = {device["mn"]: device for device in said["devices"]}
        elif said["op"] == "device":
            self.known[said["device"]["mn"]] = said["device"]
        return str(said["op"])


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A hub whose configuration names a device."""
    data = tmp_path_factory.mktemp("lines")
    configured = [{"mn": MN, "name": "configured", "password": "000000"}]
    with running_hub(data, devices=configured) as running:
        wait_until(lambda: running.status()["registry"]["state"] == "ok", "an open registry")
        yield running


def put(hub: HubProcess, **device: Any) -> None:
    """Change a device, as `hj212d device set` does."""
    hub.client.call("device_put", devices=[device])


def test_a_change_reaches_the_workers_that_are_there_and_those_to_come(hub: HubProcess) -> None:
    """The registry's word over the configuration's; nothing of devices it says nothing of."""
    with Listener(hub.control, 0) as first:
        assert first.next_line() == "devices"
        assert first.known == {}
        put(hub, mn=MN, password="123456")
        assert first.next_line() == "device"
        assert first.known[MN]["password"] == "123456"
        with Listener(hub.control, 1) as second:
            assert second.next_line() == "devices"
            assert second.known == first.known
            hub.client.call("device_remove", mns=[MN])
            for worker in (first, second):
                assert worker.next_line() == "devices"
                assert worker.known == {}


def test_many_devices_at_once(hub: HubProcess) -> None:
    """Each change is told, in pieces that fit a line; the hub answers others meanwhile."""
    with Listener(hub.control, 0) as worker:
        worker.next_line()
        mns = [f"M{number}" for number in range(2500)]
        hub.client.call("device_put", devices=[{"mn": mn, "password": "1"} for mn in mns])
        while len(worker.known) < len(mns):
            worker.next_line()
        assert hub.status()["registry"]["state"] == "ok"
        hub.client.call("device_remove", mns=mns)
        while worker.known:
            worker.next_line()
