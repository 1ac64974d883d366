"""SM4 keys of devices, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from turned_clock import START

from store.registry.open import Registry
from store.registry.records import DeviceRecord, KeyRecord, KeyReport, KeyState
from store.registry.tables import device_keys


def key(mn: str, byte: int, state: KeyState, days: int = 0) -> KeyRecord:
    """A key of one repeated byte, made some days after the start."""
    return KeyRecord(mn, bytes([byte]) * 16, state, START + timedelta(days=days))


def test_keys_come_back_newest_first(registry: Registry) -> None:
    """With all their fields."""
    old, new = key("A", 1, "previous"), key("A", 2, "current", 90)
    registry.keys.add(old, "test")
    registry.keys.add(new, "test")
    registry.keys.add(key("B", 3, "current"), "test")
    assert registry.keys.of("A") == [new, old]
    assert registry.keys.of("nobody") == []


def test_active_keys_in_the_order_of_trying(registry: Registry) -> None:
    """Pending, current, previous; retired ones only when they are asked for."""
    for one in (
        key("A", 1, "retired"),
        key("A", 2, "previous", 1),
        key("A", 3, "current", 2),
        key("A", 4, "pending", 3),
        key("B", 5, "current"),
    ):
        registry.keys.add(one, "test")
    found = registry.keys.active()
    assert [one.key[0] for one in found["A"]] == [4, 3, 2]
    assert list(registry.keys.active(["B", "nobody"])) == ["B"]
    assert [one.key[0] for one in registry.keys.retired()["A"]] == [1]


def test_a_state_changes_and_is_noted(registry: Registry) -> None:
    """The time of proof stays when it is not given again."""
    registry.keys.add(key("A", 1, "pending"), "test")
    proven = START + timedelta(minutes=5)
    registry.keys.set_state("A", START, "current", proven, "a frame decrypted", "test")
    registry.keys.set_state("A", START, "previous", None, "superseded", "test")
    (found,) = registry.keys.of("A")
    assert (found.state, found.proven_at, found.why) == ("previous", proven, "superseded")
    assert [note.what for note in registry.audit.find("A")] == ["key state"] * 2 + ["key added"]
    assert registry.audit.find("A")[-1].after["key"] == "***"


def test_wrong_keys_are_refused(registry: Registry) -> None:
    """Too short, doubled, or not there."""
    with pytest.raises(ValueError, match="16 bytes, not 3"):
        registry.keys.add(KeyRecord("A", b"abc", "pending", START))
    registry.keys.add(key("A", 1, "pending"))
    with pytest.raises(ValueError, match="already"):
        registry.keys.add(key("A", 2, "pending"))
    with pytest.raises(KeyError, match="A has no key"):
        registry.keys.set_state("A", START + timedelta(1), "current")


def test_keys_are_sealed(registry: Registry) -> None:
    """In the table there is nothing of a key."""
    registry.keys.add(key("A", 0x41, "current"))
    with registry._shelf.database.reading() as connection:
        sealed = connection.execute(sa.select(device_keys.c.key)).scalar_one()
    assert b"AAAA" not in sealed


def test_the_report_has_ages_and_no_keys(registry: Registry) -> None:
    """Registered devices without a key, and keys without a device, are in it."""
    registry.devices.put(DeviceRecord("A", name="a", version="2025", encrypt="always"), "test")
    registry.devices.put(DeviceRecord("C"), "test")
    registry.keys.add(key("A", 1, "current"))
    registry.keys.add(key("A", 2, "pending", 90))
    registry.keys.add(key("B", 3, "retired"))
    pending = START + timedelta(days=90)
    assert registry.keys.report() == [
        KeyReport("A", "a", "2025", "always", START, None, pending, None),
        KeyReport("B", "", "", "auto", None, None, None, None),
        KeyReport("C", "", "", "auto", None, None, None, None),
    ]
