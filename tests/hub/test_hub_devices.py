"""Registered devices: how their frames are read, and whether they count today."""

from __future__ import annotations

import pytest

from hj212d.hub.devices import Devices
from hj212d.hub.overlay import Registered
from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.settings import DeviceSettings
from hj212d.wire.tolerances import DEFAULT, Tolerance


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
