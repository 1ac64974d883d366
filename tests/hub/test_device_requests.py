"""Devices over the control socket of a real hub, and the registry's bad days as status shows
them."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_rig import HubProcess, running_hub
from postgresql_cluster import Cluster
from waiting import wait_until

from hj212d.hub.client import ControlError
from store.registry.open import open_registry
from store.registry.records import DeviceRecord


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """One hub for this file; the configuration knows the device C."""
    data = tmp_path_factory.mktemp("devices")
    with running_hub(data, devices=[{"mn": "C", "name": "configured"}]) as hub:
        wait_until(lambda: hub.client.call("status")["registry"]["state"] == "ok")
        yield hub


def test_put_get_remove(hub: HubProcess) -> None:
    """With who did it by the kernel's word, and the password hidden."""
    put = {"mn": "A", "name": "first", "password": "geheim"}
    assert hub.client.call("device_put", devices=[put], who="somebody else") == {"changed": 1}
    assert hub.client.call("device_put", devices=[put]) == {"changed": 0}
    found = hub.client.call("device_get", mn="A")
    (device,) = found["devices"]
    assert (device["name"], device["password"], device["from"]) == ("first", "***", "registry")
    (change,) = found["changes"]
    assert (change["who"], change["after"]["password"]) == (getpass.getuser(), "***")
    assert hub.client.call("devices", mn="A")["devices"][0]["name"] == "first"
    hub.client.call("device_remove", mns=["A"])
    assert hub.client.call("device_get", mn="A")["devices"] == []


def test_the_configuration_shines_through(hub: HubProcess) -> None:
    """What the registry does not say is the configuration's."""
    hub.client.call("device_put", devices=[{"mn": "C", "region": "330106"}])
    (device,) = hub.client.call("device_get", mn="C")["devices"]
    assert (device["name"], device["region"]) == ("configured", "330106")
    assert device["from"] == "registry, configuration"
    hub.client.call("device_remove", mns=["C"])
    assert hub.client.call("device_get", mn="C")["devices"][0]["region"] == ""


def test_all_or_none(hub: HubProcess) -> None:
    """The sentence names number, MN, field and value; nothing is done."""
    wanted = [{"mn": "X1"}, {"mn": "X2", "version": "2016"}]
    with pytest.raises(ControlError, match='number 2, X2: version = "2016": expected one of'):
        hub.client.call("device_put", devices=wanted)
    hub.client.call("device_put", devices=[{"mn": "X3"}])
    with pytest.raises(ControlError, match="the registry has no device X1"):
        hub.client.call("device_remove", mns=["X3", "X1"])
    assert [one["mn"] for one in hub.client.call("device_get")["devices"]] == ["C", "X3"]
    hub.client.call("device_remove", mns=["X3"])


def test_devices_in_pages(hub: HubProcess) -> None:
    """In order of MN, until there are no more."""
    hub.client.call("device_put", devices=[{"mn": f"P{n}"} for n in range(5)])
    first = hub.client.call("device_get", limit=3)
    assert ([one["mn"] for one in first["devices"]], first["next"]) == (["C", "P0", "P1"], "P1")
    rest = hub.client.call("device_get", limit=10, after="P1")
    assert [one["mn"] for one in rest["devices"]] == ["P2", "P3", "P4"]
    assert "next" not in rest
    hub.client.call("device_remove", mns=[f"P{n}" for n in range(5)])


def test_another_process_is_noticed_when_told(hub: HubProcess) -> None:
    """As after an import by the command line."""
    other = open_registry(f"sqlite:///{hub.data}/registry.db", hub.data / "registry.key")
    other.devices.put(DeviceRecord("Z", name="by another"), "other")
    other.close()
    hub.client.call("registry_look")
    assert hub.client.call("device_get", mn="Z")["devices"][0]["name"] == "by another"
    hub.client.call("device_remove", mns=["Z"])


def test_the_key_is_exchanged_while_the_hub_runs(hub: HubProcess) -> None:
    """It goes on with the new one."""
    hub.client.call("device_put", devices=[{"mn": "K", "password": "geheim"}])
    before = (hub.data / "registry.key").read_bytes()
    assert hub.client.call("registry_rekey")["secrets"] == 1
    assert (hub.data / "registry.key").read_bytes() != before
    hub.client.call("device_put", devices=[{"mn": "K", "name": "after"}])
    again = open_registry(f"sqlite:///{hub.data}/registry.db", hub.data / "registry.key")
    found = again.devices.get("K")
    again.close()
    assert found is not None
    assert (found.password, found.name) == ("geheim", "after")


def test_a_hub_without_its_key_goes_on(tmp_path: Path) -> None:
    """It says so in status, refuses changes in one sentence, and finds the key once it is back."""
    url = f"sqlite:///{tmp_path}/registry.db"
    open_registry(url, tmp_path / "registry.key").close()
    os.rename(tmp_path / "registry.key", tmp_path / "elsewhere")
    with running_hub(tmp_path) as hub:
        wait_until(lambda: hub.client.call("status")["registry"]["state"] == "unavailable")
        assert "registry.key is missing" in hub.client.call("status")["registry"]["error"]
        assert "registry.key is missing" in hub.get("/health")[2]
        with pytest.raises(ControlError, match=r"registry\.key is missing"):
            hub.client.call("device_put", devices=[{"mn": "A"}])
        os.rename(tmp_path / "elsewhere", tmp_path / "registry.key")
        wait_until(lambda: hub.client.call("status")["registry"]["state"] == "ok")
        assert hub.client.call("device_put", devices=[{"mn": "A"}]) == {"changed": 1}


def test_a_server_that_goes_and_comes_back(tmp_path: Path) -> None:
    """PostgreSQL for a registry: the hub goes on without it, and shows no password."""
    cluster = Cluster()
    url = cluster.empty_database()
    try:
        with running_hub(tmp_path, registry={"url": url}) as hub:

            def state() -> str:
                found: str = hub.client.call("status")["registry"]["state"]
                return found

            wait_until(lambda: state() == "ok")
            hub.client.call("device_put", devices=[{"mn": "A", "name": "kept"}])
            cluster.stop()
            with pytest.raises(ControlError, match="cannot be used"):
                hub.client.call("device_put", devices=[{"mn": "B"}])
            wait_until(lambda: state() == "unavailable")
            assert hub.client.call("device_get")["devices"][0]["name"] == "kept"
            cluster.start()
            wait_until(lambda: state() == "ok")
            assert hub.client.call("device_put", devices=[{"mn": "B"}]) == {"changed": 1}
    finally:
        cluster.close()
