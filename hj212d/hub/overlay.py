"""The registry's word over the configuration's: what is in force for one device.

Pure, any thread. Fields that are empty in the registry say nothing; its keys are tried first.
Tests: tests/hub/test_hub_devices.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from twisted.logger import Logger

from hj212d.wire.frame import Device
from hj212d.wire.settings import DeviceSettings
from store.registry.records import DeviceRecord

UNKNOWN = Device()

_log = Logger()


class Registered(msgspec.Struct, frozen=True):
    """What the registry keeps of an MN; ``record`` None: nothing. ``keys``: in the order in which
    they are tried. ``old_keys``: those that nothing new may be encrypted with, but the journal
    has frames of their time."""

    mn: str
    record: DeviceRecord | None
    keys: tuple[bytes, ...] = ()
    old_keys: tuple[bytes, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it keeps nothing of it."""
        return self.says_nothing and not self.old_keys

    @property
    def says_nothing(self) -> bool:
        """Whether it says nothing of the device today."""
        return self.record is None and not self.keys


class Known(msgspec.Struct, frozen=True):
    """What is in force for an MN, ready for use. One of which only old keys are left is not
    ``registered``: it counts as unknown, but what it sent in its time is read."""

    settings: DeviceSettings
    device: Device
    password: bytes
    enabled: bool
    registered: bool


def known(
    settings: DeviceSettings, old_keys: tuple[bytes, ...] = (), *, registered: bool = True
) -> Known:
    """Settings, ready for use; KeyError or ValueError for a tolerance or key that is none."""
    plain = not (settings.tolerate or settings.refuse or settings.keys or old_keys)
    device = UNKNOWN if plain else settings.device()  # one object for most of them
    if old_keys:
        device = Device(device.tolerances, (*device.keys, *old_keys))
    return Known(settings, device, settings.password.encode(), settings.enabled, registered)


def in_force(one: Registered, configured: Mapping[str, DeviceSettings]) -> Known | None:
    """The registry's word over the configuration's; None where neither says anything."""
    settings = configured.get(one.mn)
    if one.empty:
        return None if settings is None else known(settings)
    said = settings is not None or not one.says_nothing
    try:
        laid = _laid_over(settings or DeviceSettings(one.mn), one)
        return known(laid, one.old_keys, registered=said)
    except (KeyError, ValueError) as problem:
        # The registry was written by hand, or by a later version.
        _log.error("event=device_unusable mn={mn} error={problem}", mn=one.mn, problem=problem)
        return None if settings is None else known(settings)


def as_record(record: DeviceRecord, settings: DeviceSettings) -> DeviceRecord:
    """A record with the configuration's word where it says nothing."""
    return msgspec.structs.replace(record, **_shared(record, settings))


def _laid_over(settings: DeviceSettings, one: Registered) -> DeviceSettings:
    shared = _shared(one.record or DeviceRecord(one.mn), settings)
    keys = dict.fromkeys([*(key.hex() for key in one.keys), *settings.keys])
    return msgspec.structs.replace(settings, **shared, keys=list(keys))


def _shared(record: DeviceRecord, settings: DeviceSettings) -> dict[str, Any]:
    """What both can say, as it is in force."""
    return {
        "name": record.name or settings.name,
        "password": record.password or settings.password,
        "tolerate": record.tolerate or settings.tolerate,
        "refuse": record.refuse or settings.refuse,
        "allow": record.allow or settings.allow,
        "enabled": record.enabled and settings.enabled,
    }
