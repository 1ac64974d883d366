"""What the settings of a device mean to the wire."""

from __future__ import annotations

import pytest

from hj212d.wire.settings import DeviceSettings, sm4_key
from hj212d.wire.tolerances import DEFAULT, Tolerance


@pytest.mark.parametrize("text", ["", "0" * 15, "0" * 31, "g" * 32, "é" + "0" * 15, "0 " * 16])
def test_a_key_of_another_size_is_none(text: str) -> None:
    """Sixteen bytes, no more, no less, and no text that could be more bytes than characters."""
    with pytest.raises(ValueError):
        sm4_key(text)


def test_a_key_has_two_forms() -> None:
    """The same sixteen bytes as digits and as characters."""
    assert sm4_key("30" * 16) == sm4_key("0" * 16) == b"0" * 16


def test_a_device_turns_its_own_switches() -> None:
    """On top of what everybody gets, and away from it."""
    settings = DeviceSettings(
        mn="A", keys=["0" * 16], tolerate=["crc_modbus"], refuse=["crc_lower_case"]
    )
    device = settings.device()
    assert device.keys == (b"0" * 16,)
    assert device.tolerances == (DEFAULT | Tolerance.CRC_MODBUS) & ~Tolerance.CRC_LOWER_CASE


def test_a_switch_that_is_none_is_named() -> None:
    """A misspelt name must not pass for no switch."""
    with pytest.raises(KeyError, match="CRC_MODBUSS"):
        DeviceSettings(mn="A", tolerate=["crc_modbuss"]).device()
