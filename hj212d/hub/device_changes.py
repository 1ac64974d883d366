"""What people want of a device: fields as texts or values, checked, laid over what is kept.

The same rules for the command line, a CSV file and the control socket. Values only.
Tests: tests/hub/test_device_changes.py.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import msgspec

from hj212d.wire.tolerances import HELP
from store.registry.records import DeviceRecord, Encrypt

VERSIONS = ("", "2005", "2017", "2025")
MEDIA = ("", "GPRS", "CDMA", "LTE", "ADSL", "PLC", "WiMAX", "NB-IoT")
TOLERANCES = tuple(member.labels[0] for member in HELP)
MOST_CHARACTERS = 200

_TEXTS = ("name", "st", "password", "region")
_LISTS = ("tolerate", "refuse", "allow")
_CHOICES = {"version": VERSIONS, "medium": MEDIA, "encrypt": get_args(Encrypt)}
_WHOLE = {"rtd_interval_s": (1, 86400), "minute_interval_min": (1, 1440)}
_DEGREES = {"longitude": 180.0, "latitude": 90.0}
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

# What people may set; the rest the registry keeps itself.
FIELDS = (*_TEXTS, *_LISTS, *_CHOICES, *_WHOLE, *_DEGREES, "enabled")


def apply(device: DeviceRecord, changes: Mapping[str, Any]) -> DeviceRecord:
    """The device with some fields changed; a value is a text or what the field holds, an empty
    text empties it.

    ValueError, one sentence that names the field and, unless it is secret, the value.
    """
    checked = {name: value(name, wanted) for name, wanted in changes.items() if name != "mn"}
    if checked.get("longitude") is not None or checked.get("latitude") is not None:
        checked["position_source"] = "manual"
    made = msgspec.structs.replace(device, **checked)
    if (made.longitude is None) != (made.latitude is None):
        raise ValueError("longitude and latitude come together")
    if made.longitude is None:
        made = msgspec.structs.replace(made, position_source="")
    return made


def value(name: str, wanted: Any) -> Any:
    """One field's value, checked; ValueError as above, also when there is no such field."""
    if name in _TEXTS:
        return _text(name, wanted)
    if name in _LISTS:
        return _list(name, wanted)
    if name in _CHOICES:
        return _choice(name, wanted)
    if name in _WHOLE:
        return _whole(name, wanted)
    if name in _DEGREES:
        return _degrees(name, wanted)
    if name == "enabled":
        return _truth(name, wanted)
    raise ValueError(f"a device has no field {name}")


def mn_of(wanted: Any) -> str:
    """An MN; ValueError when it cannot be one."""
    if not isinstance(wanted, str) or not wanted.strip():
        raise ValueError("mn is missing")
    mn = wanted.strip()
    if len(mn) > 64 or not mn.isprintable() or any(mark in mn for mark in ";=&# "):
        raise ValueError(f'mn = "{mn}": an MN has at most 64 letters and digits')
    return mn


def _text(name: str, wanted: Any) -> str:
    if not isinstance(wanted, str) or len(wanted) > MOST_CHARACTERS or "\0" in wanted:
        shown = "***" if name == "password" else _shown(wanted)
        raise ValueError(f"{name} = {shown}: expected a text of {MOST_CHARACTERS} at the most")
    return wanted.strip()


def _list(name: str, wanted: Any) -> list[str]:
    parts = wanted.replace(",", " ").split() if isinstance(wanted, str) else wanted
    if not isinstance(parts, Sequence) or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"{name} = {_shown(wanted)}: expected a list of texts")
    for part in parts:
        if name == "allow":
            _network(part)
        elif part not in TOLERANCES:
            raise ValueError(f'{name} = "{part}": there is no such tolerance')
    return list(parts)


def _network(text: str) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(f'allow = "{text}": expected a network such as 10.0.0.0/8') from None


def _choice(name: str, wanted: Any) -> str:
    choices: tuple[str, ...] = _CHOICES[name]
    if wanted == "" and name == "encrypt":
        return "auto"
    found = [choice for choice in choices if str(wanted).lower() == choice.lower()]
    if not found:
        words = ", ".join(choice for choice in choices if choice)
        raise ValueError(f"{name} = {_shown(wanted)}: expected one of {words}")
    return found[0]


def _whole(name: str, wanted: Any) -> int | None:
    least, most = _WHOLE[name]
    if wanted is None or wanted == "":
        return None
    try:
        number = int(wanted) if isinstance(wanted, (str, int)) else -1
    except ValueError:
        number = -1
    if not least <= number <= most:
        raise ValueError(
            f"{name} = {_shown(wanted)}: expected a whole number from {least} to {most}"
        )
    return number


def _degrees(name: str, wanted: Any) -> float | None:
    if wanted is None or wanted == "":
        return None
    most = _DEGREES[name]
    try:
        number = float(wanted)
    except (TypeError, ValueError):
        number = math.nan
    if not -most <= number <= most:
        raise ValueError(f"{name} = {_shown(wanted)}: expected degrees from -{most:g} to {most:g}")
    return number


def _truth(name: str, wanted: Any) -> bool:
    if isinstance(wanted, bool):
        return wanted
    found = True if wanted == "" else _TRUTH.get(str(wanted).lower())
    if found is None:
        raise ValueError(f"{name} = {_shown(wanted)}: expected true or false")
    return found


def _shown(wanted: Any) -> str:
    return msgspec.json.encode(wanted, enc_hook=str).decode()
