"""Devices and the notes of their changes, on both engines."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from turned_clock import START, TurnedClock

from store.registry.errors import RegistryUnavailable
from store.registry.open import Registry, open_registry
from store.registry.records import DeviceRecord

FULL = DeviceRecord(
    "010000A8900016F000169DC0",
    name="污水厂一号口",
    st="32",
    version="2017",
    password="p;w=1\N{PILE OF POO}",
    region="330106",
    tolerate=["crc_modbus"],
    refuse=["key_repeated"],
    allow=["10.0.0.0/8"],
    rtd_interval_s=30,
    minute_interval_min=10,
    medium="NB-IoT",
    encrypt="always",
    longitude=120.123456789,
    latitude=-30.5,
    position_source="manual",
    enabled=False,
)


def test_every_field_comes_back(registry: Registry) -> None:
    """Also from other hands than those that wrote it, and with the moments of the clock."""
    kept = registry.devices.put(FULL, "test")
    expected = msgspec.structs.replace(FULL, created_at=START, changed_at=START)
    assert kept == expected
    assert registry.devices.get(FULL.mn) == expected
    assert registry.devices.all() == [expected]
    assert registry.devices.get("another") is None


def test_a_change_keeps_the_birthday(registry: Registry, clock: TurnedClock) -> None:
    """And what stays the same is not touched."""
    registry.devices.put(DeviceRecord("A"), "test")
    later = clock.turn(60)
    changed = registry.devices.put(DeviceRecord("A", name="new"), "test")
    assert (changed.created_at, changed.changed_at) == (START, later)
    clock.turn(60)
    assert registry.devices.put(DeviceRecord("A", name="new"), "test").changed_at == later
    assert len(registry.audit.find("A")) == 2


def test_each_change_is_noted_without_secrets(registry: Registry) -> None:
    """Who, what, before and after: only the fields that differ."""
    registry.devices.put(DeviceRecord("A", password="old-secret"), "anna")
    registry.devices.put(DeviceRecord("A", password="new-secret", name="n"), "bert")
    registry.devices.remove("A", "carl")
    removed, changed, made = registry.audit.find("A")
    assert (made.who, made.what, made.before) == ("anna", "device put", {})
    assert made.after["password"] == "***"
    assert (changed.who, changed.before, changed.after) == (
        "bert",
        {"name": "", "password": "***"},
        {"name": "n", "password": "***"},
    )
    assert (removed.who, removed.what, removed.after) == ("carl", "device removed", {})
    assert "secret" not in msgspec.json.encode([removed, changed, made]).decode()


def test_many_are_kept_in_order_of_mn(registry: Registry) -> None:
    """More than one statement takes."""
    many = [DeviceRecord(f"MN{number:05}", password=f"p{number}") for number in range(1234)]
    registry.devices.put_all(many, "import")
    registry.devices.put_all([*many[:10], DeviceRecord("MN00003", name="twice")], "import")
    assert [device.mn for device in registry.devices.all()] == [device.mn for device in many]
    assert registry.devices.count() == 1234
    third = registry.devices.get("MN00003")
    assert third is not None
    assert (third.name, third.password) == ("twice", "")
    some = registry.devices.some(["MN01233", "nobody", "MN00000"])
    assert sorted(device.password for device in some) == ["p0", "p1233"]


def put_and_fail(registry: Registry, *mns: str) -> None:
    """One transaction that ends badly."""
    with registry.together():
        for mn in mns:
            registry.devices.put(DeviceRecord(mn), "test")
        raise ZeroDivisionError


def test_all_or_none(registry: Registry) -> None:
    """What fails in the middle leaves nothing."""
    with pytest.raises(ZeroDivisionError):
        put_and_fail(registry, "A", "B")
    assert registry.devices.all() == []
    assert registry.audit.find() == []


def test_a_part_that_fails_is_undone_alone(registry: Registry) -> None:
    """Within one transaction, as the hub makes them."""
    with registry.together():
        registry.devices.put(DeviceRecord("A"), "test")
        with pytest.raises(ZeroDivisionError):
            put_and_fail(registry, "B")
        registry.devices.put(DeviceRecord("C"), "test")
    assert [device.mn for device in registry.devices.all()] == ["A", "C"]


def test_removing_what_is_not_there(registry: Registry) -> None:
    """It is told."""
    with pytest.raises(KeyError, match="nobody"):
        registry.devices.remove("nobody", "test")


def test_touched_mns_are_told_once(registry: Registry, url: str, key_file: Path) -> None:
    """Our own changes at once, those of another process after a look."""
    registry.devices.put(DeviceRecord("A"), "test")
    assert registry.take_touched() == {"A"}
    assert registry.take_touched() == set()
    registry.look()
    registry.take_touched()
    other = open_registry(url, key_file)
    other.devices.put(DeviceRecord("B"), "other")
    assert registry.take_touched() == set()
    registry.look()
    assert "B" in registry.take_touched()
    registry.look()
    assert registry.take_touched() == set()
    other.close()


def test_what_no_database_takes_is_replaced(registry: Registry) -> None:
    """NUL and half characters come from the field; the rest of the text stays."""
    registry.devices.put(DeviceRecord("A\0", name="x\ud800\0y"), "test")
    assert [(one.mn, one.name) for one in registry.devices.all()] == [("A\ufffd", "x?\ufffdy")]


def test_a_secret_moved_to_another_row_does_not_open(registry: Registry) -> None:
    """Whoever can write the database cannot give one device the password of another."""
    import sqlalchemy as sa

    from store.registry.tables import devices

    registry.devices.put_all([DeviceRecord("A", password="a"), DeviceRecord("B")], "test")
    with registry._shelf.database.writing() as connection:
        stolen = connection.execute(sa.select(devices.c.password).where(devices.c.mn == "A"))
        change = sa.update(devices).where(devices.c.mn == "B")
        connection.execute(change.values(password=stolen.scalar_one()))
    with pytest.raises(RegistryUnavailable, match="changed after it was sealed"):
        registry.devices.get("B")
