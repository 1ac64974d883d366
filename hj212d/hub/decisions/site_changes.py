"""What people want of a site: fields as texts or values, checked, laid over what is kept.

The same rules for the configuration, the command line, a CSV file and the API. Name, region and
coordinates are the device's. Values only. Tests: tests/hub/decisions/test_site_changes.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args

import msgspec

from aqi.factors import POLLUTANTS
from aqi.units import UnitRefused, unit_named
from hj212d.hub import device_changes
from store.registry.decisions import Medium, Role, SiteRecord, Stamp
from store.registry.records import DeviceRecord

HOUR_FROM = ("hour", "minute", "realtime")
NOISE_ZONES = ("0", "1", "2", "3", "4a", "4b")  # GB 3096-2008, 4
REGION_DIGITS = (2, 4, 6, 9, 12)  # GB/T 2260: province, city, county; town, village

_CHOICES = {"medium": get_args(Medium), "role": get_args(Role), "stamp": get_args(Stamp)}
_LISTS = {"programme": POLLUTANTS, "hour_from": HOUR_FROM}
_NUMBERS = {"reference_o2": 21.0, "stack_area_m2": 10_000.0}
_TABLES = ("units", "outlet", "water")
_DAYS = ("since", "until")
_MOST_CHARACTERS = 200

# What people may set: of the device, of the site.
OF_DEVICE = ("name", "region", "longitude", "latitude")
OF_SITE = (
    "medium",
    "role",
    "air_class",
    "programme",
    "units",
    "stamp",
    "hour_from",
    "reference_o2",
    "stack_area_m2",
    "outlet",
    "water",
    "noise_zone",
    "since",
    "until",
)
FIELDS = (*OF_DEVICE, *OF_SITE)


def apply(site: SiteRecord, changes: Mapping[str, Any]) -> SiteRecord:
    """The site with some of its own fields changed, those of the device left out; an empty text
    empties a field. ValueError, one sentence that names the field and the value."""
    wanted = {name: one for name, one in changes.items() if name not in ("mn", *OF_DEVICE)}
    made = msgspec.structs.replace(site, **{name: value(name, wanted[name]) for name in wanted})
    if made.since and made.until and made.since >= made.until:
        raise ValueError(f"until = {made.until}: a site ends after it begins, on {made.since}")
    return made


def apply_to_device(device: DeviceRecord, changes: Mapping[str, Any]) -> DeviceRecord:
    """The device with what is said of it; ValueError as above."""
    said = {name: changes[name] for name in OF_DEVICE if name in changes}
    if "region" in said:
        said["region"] = region(said["region"])
    return device_changes.apply(device, said)


def value(name: str, wanted: Any) -> Any:
    """One field's value, checked; ValueError as above, also when there is no such field."""
    if name in _CHOICES:
        return _choice(name, _CHOICES[name], wanted)
    if name in _LISTS:
        return _list(name, _LISTS[name], wanted)
    if name in _NUMBERS:
        return _number(name, _NUMBERS[name], wanted)
    if name in _DAYS:
        return day(name, wanted)
    if name in _TABLES:
        return _table(name, wanted)
    if name == "air_class":
        return int(_choice(name, ("", "0", "1", "2"), str(wanted)) or 0)
    if name == "noise_zone":
        return _choice(name, ("", *NOISE_ZONES), wanted)
    if name == "region":
        return region(wanted)
    if name in OF_DEVICE:
        return device_changes.value(name, wanted)
    raise ValueError(f"a site has no field {name}")


def region(wanted: Any) -> str:
    """A code of a region; ValueError when it is none."""
    code = str(wanted or "").strip()
    if code and not (code.isascii() and code.isdigit() and len(code) in REGION_DIGITS):
        raise ValueError(f"region = {shown(wanted)}: expected a code of 2, 4, 6, 9 or 12 digits")
    return code


def day(name: str, wanted: Any) -> date | None:
    """A day; ValueError when it is none."""
    if wanted is None or wanted == "":
        return None
    try:
        return wanted if isinstance(wanted, date) else date.fromisoformat(str(wanted).strip())
    except ValueError:
        raise ValueError(f"{name} = {shown(wanted)}: expected a day such as 2026-01-31") from None


def shown(wanted: Any) -> str:
    """A value as sentences show it, on one line."""
    return msgspec.json.encode(wanted, enc_hook=str).decode()


def _choice(name: str, choices: Sequence[str], wanted: Any) -> str:
    text = "" if wanted is None else str(wanted).strip()
    if text not in choices:
        words = ", ".join(choice for choice in choices if choice)
        raise ValueError(f"{name} = {shown(wanted)}: expected one of {words}")
    return text


def _list(name: str, choices: Sequence[str], wanted: Any) -> list[str]:
    parts = (
        wanted.replace(",", " ").replace(";", " ").split() if isinstance(wanted, str) else wanted
    )
    if not isinstance(parts, Sequence) or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"{name} = {shown(wanted)}: expected a list of texts")
    for part in parts:
        if part not in choices:
            raise ValueError(f'{name} = "{part}": expected some of {", ".join(choices)}')
    return list(dict.fromkeys(parts))


def _number(name: str, below: float, wanted: Any) -> float | None:
    if wanted is None or wanted == "" or wanted == 0:
        return None
    try:
        number = float(wanted)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 < number < below:
        raise ValueError(
            f"{name} = {shown(wanted)}: expected a number above 0 and below {below:g}"
        )
    return number


def _table(name: str, wanted: Any) -> dict[str, Any]:
    """A table, or a text such as "a34004=mg/m3;a21005=mg/m3"."""
    table = _pairs(name, wanted) if isinstance(wanted, str) else wanted
    if not isinstance(table, Mapping) or not all(
        isinstance(one, str) and 0 < len(one) <= _MOST_CHARACTERS for one in table
    ):
        raise ValueError(f"{name} = {shown(wanted)}: expected a table of texts")
    if name != "units":
        return dict(table)
    found = {}
    for factor, unit in table.items():
        try:
            found[factor] = unit_named(str(unit))
        except UnitRefused as fault:
            raise ValueError(f'{name} = "{factor}={unit}": {fault}') from None
    return found


def _pairs(name: str, text: str) -> dict[str, str]:
    found = {}
    for part in text.replace(";", ",").split(","):
        if part.strip():
            key, equals, said = part.partition("=")
            if not equals or not key.strip() or not said.strip():
                raise ValueError(f'{name} = "{text}": expected KEY=VALUE, with ; between several')
            found[key.strip()] = said.strip()
    return found
