"""The registered devices as the hub needs them: to read their frames, to judge anew whether a
frame counts, and to tell the workers.

The configuration's [[device]] says something, the registry more: its fields that are not empty
win, and its keys are tried first. Changed on the event loop; other threads read it.
Tests: tests/hub/test_hub_devices.py.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest

import msgspec
from twisted.logger import Logger

from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.settings import DeviceSettings
from store.registry.records import DeviceRecord

_UNKNOWN = Device()

Hook = Callable[[list[DeviceSettings]], object]


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


class _Known(msgspec.Struct, frozen=True):
    """What is in force for an MN, ready for use. One of which only old keys are left is not
    ``registered``: it counts as unknown, but what it sent in its time is read."""

    settings: DeviceSettings
    device: Device
    password: bytes
    enabled: bool
    registered: bool


class Devices:
    """MN -> what is known of it.

    ``changed``: called with the devices that are different now. ``replaced``: called with the
    whole overlay, that is every device that the registry says something of, when it was read anew
    or one of them is gone; both as they are in force.
    """

    _log = Logger()

    def __init__(self, settings: Sequence[DeviceSettings], *, unknown_mn: str = "accept") -> None:
        self.changed: list[Hook] = []
        self.replaced: list[Hook] = []
        self._overlay: dict[str, Registered] = {}
        self._loaded = False
        self.set(settings, unknown_mn=unknown_mn)

    def __len__(self) -> int:
        """How many MNs something is known of."""
        return len(self._known)

    @property
    def registered(self) -> int:
        """How many devices the registry keeps something of."""
        return len(self._overlay)

    def set(self, settings: Sequence[DeviceSettings], *, unknown_mn: str) -> None:
        """The configuration's devices from now on; KeyError or ValueError for a tolerance or key
        that is none."""
        self._configured = {device.mn: device for device in settings}
        self._accepts_unknown = unknown_mn == "accept"
        self._build()

    def load(self, found: Iterable[Registered]) -> None:
        """All that the registry keeps, instead of what it kept."""
        self._overlay = {one.mn: one for one in found if not one.empty}
        self._loaded = True
        self._build()

    def upsert(self, changed: Sequence[Registered]) -> None:
        """What the registry keeps of some MNs now."""
        different: list[DeviceSettings] = []
        gone = False
        known = self._known
        for one in changed:
            if one == self._overlay.get(one.mn):
                continue
            before = self._overlay.pop(one.mn, None)
            if not one.empty:
                self._overlay[one.mn] = one
            now = self._in_force(one.mn)
            if now is None:
                known.pop(one.mn, None)
            else:
                known[one.mn] = now
            if one.says_nothing:
                gone = gone or (before is not None and not before.says_nothing)
            elif now is not None:
                different.append(now.settings)
        if gone:
            self._tell(self.replaced, self.overlay())
        if different:
            self._tell(self.changed, different)

    def overlay(self) -> list[DeviceSettings]:
        """Every device that the registry says something of, as it is in force."""
        saying = (mn for mn, one in self._overlay.items() if not one.says_nothing)
        return [self._known[mn].settings for mn in saying if mn in self._known]

    def settings(self) -> list[DeviceSettings]:
        """Every device of configuration and registry, as it is in force."""
        return [known.settings for known in self._known.values() if known.registered]

    def knows(self, mn: str) -> bool:
        """Whether configuration or registry say something of it."""
        known = self._known.get(mn)
        return known is not None and known.registered

    def mns_after(self, mn: str, limit: int) -> list[str]:
        """The next MNs in order, behind one that need not be there."""
        known = self._known.items()
        return nsmallest(limit, (one for one, what in known if what.registered and one > mn))

    def origin(self, mn: str) -> str:
        """Who says something of it: "registry", "configuration" or "registry, configuration"."""
        said = {"registry": mn in self._overlay, "configuration": mn in self._configured}
        return ", ".join(name for name, says in said.items() if says)

    def record(self, mn: str) -> DeviceRecord:
        """What is in force for an MN as a record: the registry's word over the configuration's."""
        one = self._overlay.get(mn)
        configured = self._configured.get(mn)
        kept = (one.record if one is not None else None) or DeviceRecord(mn)
        return kept if configured is None else _over(kept, configured)

    def device(self, mn: str) -> Device:
        """Tolerances and keys of an MN; the defaults for one that nobody registered."""
        known = self._known.get(mn)
        return _UNKNOWN if known is None else known.device

    def admit(self, frame: Frame) -> Reason:
        """Verdict of today on the sender of a good frame: OK, MN_UNKNOWN or PW_WRONG."""
        known = self._known.get(frame.mn)
        if known is None or not known.registered:
            return Reason.OK if self._accepts_unknown else Reason.MN_UNKNOWN
        if not known.enabled:
            return Reason.MN_UNKNOWN
        if known.password and not hmac.compare_digest(known.password, frame.pw.encode()):
            return Reason.PW_WRONG
        return Reason.OK

    def _build(self) -> None:
        found = ((mn, self._in_force(mn)) for mn in {**self._configured, **self._overlay})
        self._known = {mn: known for mn, known in found if known is not None}
        if self._loaded:  # before, workers may know more than we do
            self._tell(self.replaced, self.overlay())

    def _in_force(self, mn: str) -> _Known | None:
        configured, one = self._configured.get(mn), self._overlay.get(mn)
        if one is None:
            return None if configured is None else _known(configured)
        try:
            return _known(
                _laid_over(configured or DeviceSettings(mn), one),
                one.old_keys,
                registered=configured is not None or one.record is not None or bool(one.keys),
            )
        except (KeyError, ValueError) as problem:
            # The registry was written by hand, or by a later version.
            self._log.error(
                "event=device_unusable mn={mn} error={problem}", mn=mn, problem=problem
            )
            return None if configured is None else _known(configured)

    @staticmethod
    def _tell(hooks: list[Hook], devices: list[DeviceSettings]) -> None:
        for hook in hooks:
            hook(devices)


def _laid_over(settings: DeviceSettings, one: Registered) -> DeviceSettings:
    """The configuration's word with the registry's over it."""
    record = one.record or DeviceRecord(one.mn)
    keys = dict.fromkeys([*(key.hex() for key in one.keys), *settings.keys])
    return msgspec.structs.replace(
        settings,
        name=record.name or settings.name,
        password=record.password or settings.password,
        tolerate=record.tolerate or settings.tolerate,
        refuse=record.refuse or settings.refuse,
        allow=record.allow or settings.allow,
        enabled=record.enabled and settings.enabled,
        keys=list(keys),
    )


def _over(record: DeviceRecord, settings: DeviceSettings) -> DeviceRecord:
    """The same as a record."""
    return msgspec.structs.replace(
        record,
        name=record.name or settings.name,
        password=record.password or settings.password,
        tolerate=record.tolerate or settings.tolerate,
        refuse=record.refuse or settings.refuse,
        allow=record.allow or settings.allow,
        enabled=record.enabled and settings.enabled,
    )


def _known(
    settings: DeviceSettings, old_keys: tuple[bytes, ...] = (), *, registered: bool = True
) -> _Known:
    plain = not (settings.tolerate or settings.refuse or settings.keys or old_keys)
    device = _UNKNOWN if plain else settings.device()  # one object for most of them
    if old_keys:
        device = Device(device.tolerances, (*device.keys, *old_keys))
    return _Known(settings, device, settings.password.encode(), settings.enabled, registered)
