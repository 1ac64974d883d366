"""The registry behind the event loop: order, one transaction, bad days, devices that change."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from waiting import wait_until

from hj212d.hub.devices import Devices
from hj212d.hub.registry_service import RETRY_FIRST_S, RegistryService
from hj212d.wire.settings import DeviceSettings
from store.registry.errors import RegistryUnavailable
from store.registry.open import Registry, open_registry
from store.registry.records import CommandRecord, DeviceRecord, KeyRecord

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class HandTurnedLoop:
    """What the service needs of a reactor; the test turns it and is its clock."""

    def __init__(self) -> None:
        from twisted.internet.task import Clock

        self._clock = Clock()
        self._due: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self.callLater = self._clock.callLater

    def callFromThread(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Keep it for the next turn."""
        with self._lock:
            self._due.append(lambda: function(*arguments))

    def turn(self) -> None:
        """Run what threads handed over."""
        with self._lock:
            due, self._due = self._due, []
        for one in due:
            one()

    def pass_time(self, seconds: float) -> None:
        """Let timers ring."""
        self._clock.advance(seconds)


class Rig:
    """A service on a registry in SQLite."""

    def __init__(self, folder: Path, devices: Devices) -> None:
        self.file = folder / "registry.db"
        self.url = f"sqlite:///{self.file}"
        self.loop = HandTurnedLoop()
        self.devices = devices
        self.service = RegistryService(
            self.loop, self.url, lambda: open_registry(self.url, folder / "registry.key"), devices
        )

    def until(self, condition: Callable[[], object]) -> None:
        """Turn the loop until it is so."""

        def turned() -> object:
            self.loop.turn()
            return condition()

        wait_until(turned)

    def result(self, deferred: Deferred[Any]) -> Any:
        """What it comes to; raises what it fails with."""
        found: list[Any] = []
        deferred.addBoth(found.append)
        self.until(lambda: found)
        if hasattr(found[0], "raiseException"):
            found[0].raiseException()
        return found[0]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A service that is not started yet; ended after the test."""
    made = Rig(tmp_path, Devices([DeviceSettings("C", name="configured", password="old")]))
    yield made
    if made.service.running:
        made.result(made.service.stopService())


def command(mn: str = "A") -> CommandRecord:
    """A new one."""
    return CommandRecord(
        mn=mn, name="read-clock", cn="1011", created_at=NOW, expires_at=NOW + timedelta(days=1)
    )


def test_calls_before_it_is_open_wait_and_keep_their_order(rig: Rig) -> None:
    """Whoever calls in startService needs no hook."""
    rig.service.startService()
    calls = [rig.service.call(lambda r: r.commands.add(command()).id) for _ in range(50)]
    assert [rig.result(call) for call in calls] == list(range(1, 51))
    assert rig.service.status()["state"] == "ok"
    assert rig.service.status()["calls_total"] == 50


def test_a_call_that_fails_is_undone_alone(rig: Rig) -> None:
    """Its neighbours in the same transaction hold."""
    rig.service.startService()

    def broken(registry: Registry) -> None:
        registry.commands.add(command("broken"))
        raise KeyError("ours")

    calls = [
        rig.service.call(lambda r: r.commands.add(command("first"))),
        rig.service.call(broken),
        rig.service.call(lambda r: r.commands.add(command("last"))),
    ]
    rig.result(calls[0])
    with pytest.raises(KeyError, match="ours"):
        rig.result(calls[1])
    rig.result(calls[2])
    found = rig.result(rig.service.call(lambda r: r.commands.find()))
    assert [one.mn for one in found] == ["last", "first"]


def test_a_changed_device_is_heard_before_the_call_fires(rig: Rig) -> None:
    """The registry's word lies over the configuration's, its keys are tried first."""
    told: list[list[DeviceSettings]] = []
    rig.devices.changed.append(told.append)
    rig.service.startService()
    rig.result(rig.service.call(lambda r: r.devices.put(DeviceRecord("C", password="new"), "t")))
    assert told == [[DeviceSettings("C", name="configured", password="new")]]
    key = KeyRecord("C", b"k" * 16, "current", NOW)
    rig.result(rig.service.call(lambda r: r.keys.add(key)))
    assert rig.devices.device("C").keys == (b"k" * 16,)
    replaced: list[list[DeviceSettings]] = []
    rig.devices.replaced.append(replaced.append)
    rig.result(rig.service.call(lambda r: r.keys.set_state("C", NOW, "retired")))
    rig.result(rig.service.call(lambda r: r.devices.remove("C", "t")))
    assert replaced == [[]]
    assert rig.devices.settings() == [DeviceSettings("C", name="configured", password="old")]


def test_what_another_process_changed_is_noticed(rig: Rig, tmp_path: Path) -> None:
    """A look at the notes of changes, every few seconds."""
    rig.service.startService()
    rig.until(lambda: rig.service.state == "ok")
    other = open_registry(rig.url, tmp_path / "registry.key")
    other.devices.put(DeviceRecord("B", tolerate=["crc_modbus"]), "other")
    other.close()
    rig.loop.pass_time(10)
    rig.until(lambda: rig.devices.registered == 1)
    assert rig.devices.overlay() == [DeviceSettings("B", tolerate=["crc_modbus"])]


def test_without_its_key_it_fails_and_comes_back(rig: Rig, tmp_path: Path) -> None:
    """Calls fail with the reason; when the file is back, a retry finds it and tells who waits."""
    open_registry(rig.url, tmp_path / "registry.key").close()
    os.rename(tmp_path / "registry.key", tmp_path / "elsewhere")
    opened: list[int] = []
    rig.service.opened.append(lambda: opened.append(1))
    rig.service.startService()
    with pytest.raises(RegistryUnavailable, match=r"registry\.key is missing"):
        rig.result(rig.service.call(lambda r: r.devices.all()))
    rig.until(lambda: rig.service.state == "unavailable")
    assert "registry.key is missing" in rig.service.status()["error"]
    os.rename(tmp_path / "elsewhere", tmp_path / "registry.key")
    rig.loop.pass_time(RETRY_FIRST_S)
    rig.until(lambda: rig.service.state == "ok")
    assert opened == [1]
    assert rig.service.status()["error"] == ""
    assert rig.result(rig.service.call(lambda r: r.devices.all())) == []


def test_a_locked_file_is_waited_for_and_then_told(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process that keeps the file: one sentence, and back once it is free."""
    monkeypatch.setattr("store.registry.database.BUSY_S", 0.05)
    rig.service.startService()
    rig.until(lambda: rig.service.state == "ok")
    other = sqlite3.connect(rig.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RegistryUnavailable, match="database is locked"):
        rig.result(rig.service.call(lambda r: r.commands.add(command())))
    assert rig.service.state == "unavailable"
    other.execute("ROLLBACK")
    other.close()
    rig.loop.pass_time(RETRY_FIRST_S)
    rig.until(lambda: rig.service.state == "ok")
    assert rig.result(rig.service.call(lambda r: r.commands.add(command()))).id == 1


def test_stopping_ends_what_waits(rig: Rig) -> None:
    """Calls made before the end are done, calls after it are refused."""
    rig.service.startService()
    calls = [rig.service.call(lambda r: r.commands.add(command()).id) for _ in range(300)]
    ended = rig.service.stopService()
    late = rig.service.call(lambda r: r.devices.all())
    with pytest.raises(RegistryUnavailable, match="closed"):
        rig.result(late)
    rig.result(ended)
    assert [rig.result(call) for call in calls] == list(range(1, 301))
