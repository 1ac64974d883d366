"""Bad days of a registry: locked, full, gone and back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from postgresql_cluster import Cluster

from store.registry.errors import RegistryUnavailable
from store.registry.open import open_registry
from store.registry.records import DeviceRecord


def test_a_locked_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading goes on, writing says so and goes on when the lock is gone."""
    monkeypatch.setattr("store.registry.database.BUSY_S", 0.05)
    registry = open_registry(f"sqlite:///{tmp_path / 'r.db'}", tmp_path / "registry.key")
    other = sqlite3.connect(tmp_path / "r.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert registry.devices.all() == []
    with pytest.raises(RegistryUnavailable, match="database is locked"):
        registry.devices.put(DeviceRecord("A"), "test")
    other.execute("ROLLBACK")
    other.close()
    registry.devices.put(DeviceRecord("A"), "test")
    assert registry.devices.count() == 1
    registry.close()


def test_a_full_disk(tmp_path: Path) -> None:
    """What did not fit is not there, what was is, and with room it goes on."""
    registry = open_registry(f"sqlite:///{tmp_path / 'r.db'}", tmp_path / "registry.key")
    registry.devices.put(DeviceRecord("A"), "test")
    database = registry._shelf.database
    pages = "PRAGMA max_page_count"
    with database.engine.connect() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"{pages} = {used}")
        usual = 1_073_741_823
    with pytest.raises(RegistryUnavailable, match="full"):
        registry.devices.put_all([DeviceRecord(f"MN{n}") for n in range(2000)], "test")
    assert registry.devices.count() == 1
    with database.engine.connect() as connection:
        connection.exec_driver_sql(f"{pages} = {usual}")
    registry.devices.put_all([DeviceRecord(f"MN{n}") for n in range(2000)], "test")
    assert registry.devices.count() == 2001
    registry.close()


def test_a_server_that_goes_and_comes_back(cluster: Cluster, key_file: Path) -> None:
    """Also in the middle of a transaction; nothing is half done."""
    registry = open_registry(cluster.empty_database(), key_file)
    registry.devices.put(DeviceRecord("A"), "test")

    def interrupted() -> None:
        with registry.together():
            registry.devices.put(DeviceRecord("B"), "test")
            cluster.stop()
            registry.devices.put(DeviceRecord("C"), "test")

    with pytest.raises(RegistryUnavailable, match="cannot be used"):
        interrupted()
    with pytest.raises(RegistryUnavailable, match="cannot be used"):
        registry.devices.all()
    cluster.start()
    assert [device.mn for device in registry.devices.all()] == ["A"]
    registry.close()


def test_a_user_who_may_not(cluster: Cluster, key_file: Path) -> None:
    """A server that refuses is the world's fault, not a wrong statement."""
    url = cluster.empty_database()
    open_registry(url, key_file).close()
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN")
    with pytest.raises(RegistryUnavailable, match="permission denied"):
        open_registry(url.replace("postgres@", "guest@"), key_file)
