"""What people write of a device: checked, and laid over what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from hj212d.hub.device_changes import FIELDS, apply, mn_of
from store.registry.records import DeviceRecord

A = DeviceRecord("A", name="old", longitude=1.0, latitude=2.0, position_source="reported")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("name", " 污水厂 ", "污水厂"),
        ("version", "2017", "2017"),
        ("medium", "nb-iot", "NB-IoT"),
        ("encrypt", "Always", "always"),
        ("encrypt", "", "auto"),
        ("tolerate", "crc_modbus, length_off", ["crc_modbus", "length_off"]),
        ("allow", "10.0.0.0/8 2001:db8::/32", ["10.0.0.0/8", "2001:db8::/32"]),
        ("allow", [], []),
        ("rtd_interval_s", "30", 30),
        ("minute_interval_min", "", None),
        ("enabled", "no", False),
        ("enabled", True, True),
    ],
)
def test_values_from_texts(name: str, text: Any, value: Any) -> None:
    """As people and spreadsheets write them."""
    assert getattr(apply(A, {"mn": "A", name: text}), name) == value


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"colour": "red"}, "no field colour"),
        ({"created_at": "now"}, "no field created_at"),
        ({"version": "2016"}, 'version = "2016": expected one of 2005, 2017, 2025'),
        ({"medium": "pigeon"}, 'medium = "pigeon": expected one of GPRS'),
        ({"tolerate": "crc_modbuss"}, 'tolerate = "crc_modbuss": there is no such tolerance'),
        ({"allow": "10.0.0.1/8"}, 'allow = "10.0.0.1/8": expected a network'),
        ({"rtd_interval_s": "0"}, "expected a whole number from 1 to 86400"),
        ({"rtd_interval_s": "half"}, 'rtd_interval_s = "half"'),
        ({"longitude": "181"}, 'longitude = "181": expected degrees from -180 to 180'),
        ({"latitude": "nan"}, "expected degrees"),
        ({"longitude": ""}, "come together"),
        ({"enabled": "perhaps"}, "expected true or false"),
        ({"name": 7}, "name = 7: expected a text"),
        ({"name": "x" * 201}, "expected a text of 200 at the most"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], sentence: str) -> None:
    """Field and value."""
    with pytest.raises(ValueError, match=sentence.replace("(", r"\(")):
        apply(A, changes)


def test_a_password_is_not_shown() -> None:
    """Not even one that is wrong."""
    with pytest.raises(ValueError, match=r"password = \*\*\*"):
        apply(A, {"password": "geheim" * 100})


def test_a_position_by_hand() -> None:
    """It is manual from then on; emptied, a reported one may come again."""
    placed = apply(A, {"longitude": "120.5", "latitude": "30"})
    assert (placed.longitude, placed.latitude, placed.position_source) == (120.5, 30.0, "manual")
    emptied = apply(placed, {"longitude": "", "latitude": ""})
    assert (emptied.longitude, emptied.position_source) == (None, "")
    assert apply(A, {"name": "new"}).position_source == "reported"


@pytest.mark.parametrize("wanted", ["", " ", None, 7, "a;b", "a=b", "a b", "x" * 65])
def test_what_is_no_mn(wanted: Any) -> None:
    """It must stand in a frame."""
    with pytest.raises(ValueError, match="mn"):
        mn_of(wanted)


def test_all_fields_can_be_set() -> None:
    """But for those that the registry keeps itself."""
    own = {"mn", "position_source", "created_at", "changed_at"}
    assert set(FIELDS) == set(DeviceRecord.__struct_fields__) - own
