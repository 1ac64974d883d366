"""Registered devices: how their frames are read, and whether they count today."""

from __future__ import annotations

import pytest

from hj212d.hub.devices import Devices
from hj212d.hub.overlay import Registered
from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.settings import DeviceSettings
from hj212d.wire.tolerances import DEFAULT, Tolerance
from store.registry.records import DeviceRecord


def test_tolerances_and_keys() -> None:
    """Switches go on top of the default; a key is hexadecimal or 16 characters."""
    devices = Devices(
        [
            DeviceSettings("A", tolerate=["crc_modbus"], refuse=["key_repeated"]),
            DeviceSettings("B", keys=["00112233445566778899aabbccddeeff", "k" * 16]),
        ]
    )
    expected = (DEFAULT | Tolerance.CRC_MODBUS) & ~Tolerance.KEY_REPEATED
    assert devices.device("A") == Device(expected)
    assert devices.device("B").keys == (
        bytes.fromhex("00112233445566778899aabbccddeeff"),
        b"k" * 16,
    )
    assert devices.device("C") == Device()


@pytest.mark.parametrize(
    ("mn", "pw", "unknown_mn", "verdict"),
    [
        ("A", "right", "close", Reason.OK),
        ("A", "wrong", "accept", Reason.PW_WRONG),
        ("A", "", "accept", Reason.PW_WRONG),
        ("B", "any", "close", Reason.OK),
        ("C", "any", "accept", Reason.OK),
        ("C", "any", "quarantine", Reason.MN_UNKNOWN),
        ("C", "any", "close", Reason.MN_UNKNOWN),
    ],
)
def test_admission_of_today(mn: str, pw: str, unknown_mn: str, verdict: Reason) -> None:
    """Registered with its password, registered without, not registered."""
    registered = [DeviceSettings("A", password="right"), DeviceSettings("B")]
    devices = Devices(registered, unknown_mn=unknown_mn)
    assert devices.admit(Frame(Reason.OK, b"", mn=mn, pw=pw)) is verdict


def test_keys_of_old_open_what_the_journal_has_of_their_time() -> None:
    """The hub reads with them; workers, who hear new frames only, are not told of them."""
    devices = Devices([])
    devices.load([Registered("A", None, (b"n" * 16,), (b"o" * 16,))])
    assert devices.device("A").keys == (b"n" * 16, b"o" * 16)
    assert [one.keys for one in devices.overlay()] == [[(b"n" * 16).hex()]]


def test_the_registry_lies_over_the_configuration() -> None:
    """Its fields that are not empty win, its keys go first, an empty one says nothing."""
    devices = Devices(
        [DeviceSettings("A", name="old", password="pw", keys=["c" * 16], refuse=["key_repeated"])]
    )
    record = DeviceRecord("A", name="new", tolerate=["crc_modbus"])
    devices.load([Registered("A", record, (b"r" * 16,))])
    (found,) = devices.settings()
    assert (found.name, found.password, found.refuse) == ("new", "pw", ["key_repeated"])
    assert devices.device("A").keys == (b"r" * 16, b"c" * 16)
    assert devices.record("A").password == "pw"
    assert devices.origin("A") == "registry, configuration"
    devices.load([])
    assert devices.settings()[0].name == "old"


def test_a_disabled_device_is_unknown_to_all() -> None:
    """Its frames are kept aside although unknown MNs are accepted."""
    devices = Devices([DeviceSettings("A")], unknown_mn="accept")
    devices.load([Registered("A", DeviceRecord("A", enabled=False))])
    assert devices.admit(Frame(Reason.OK, b"", mn="A")) is Reason.MN_UNKNOWN
    assert devices.overlay()[0].enabled is False


def test_a_reload_keeps_the_registrys_word() -> None:
    """Also for what was made ready before the configuration changed."""
    devices = Devices([DeviceSettings("A", name="before")])
    late = devices.prepare([Registered("A", DeviceRecord("A", password="pw"))])
    told: list[list[DeviceSettings]] = []
    devices.replaced.append(told.append)
    devices.set([DeviceSettings("A", name="after"), DeviceSettings("B")], unknown_mn="accept")
    assert told == []  # nothing was read from the registry yet: workers may know more
    devices.load(late)
    assert devices.settings() == [DeviceSettings("A", "after", "pw"), DeviceSettings("B")]
    devices.set([], unknown_mn="accept")
    assert devices.settings() == [DeviceSettings("A", password="pw")]
    assert told[-1] == devices.settings()


def test_hooks_hear_what_is_different() -> None:
    """Only that; one that is gone makes the whole overlay told."""
    devices = Devices([])
    one, two = (Registered(mn, DeviceRecord(mn, name=mn)) for mn in "AB")
    devices.load([one, two])
    changed: list[list[DeviceSettings]] = []
    replaced: list[list[DeviceSettings]] = []
    devices.changed.append(changed.append)
    devices.replaced.append(replaced.append)
    devices.upsert([one, Registered("B", DeviceRecord("B", name="new"))])
    assert changed == [[DeviceSettings("B", "new")]]
    devices.upsert([Registered("A", None)])
    assert replaced == [[DeviceSettings("B", "new")]]
    assert not devices.knows("A")


def test_what_cannot_be_used_leaves_the_configurations_word() -> None:
    """A registry that was written by hand does not stop the hub."""
    devices = Devices([DeviceSettings("A", name="configured")])
    devices.load([Registered("A", DeviceRecord("A", tolerate=["no such"]))])
    assert devices.settings() == [DeviceSettings("A", "configured")]


def test_devices_in_pages() -> None:
    """In order of MN."""
    devices = Devices([DeviceSettings(mn) for mn in "CAB"])
    assert devices.mns_after("", 2) == ["A", "B"]
    assert devices.mns_after("B", 2) == ["C"]
