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

from hj212d.hub.overlay import UNKNOWN, Known, Registered, as_record, in_force
from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.settings import DeviceSettings
from store.registry.records import DeviceRecord

Hook = Callable[[list[DeviceSettings]], object]


class Prepared(msgspec.Struct, frozen=True):
    """What the registry keeps, made ready in another thread. ``configured``: what it was laid
    over."""

    configured: dict[str, DeviceSettings]
    entries: list[tuple[Registered, Known | None]]


class Devices:
    """MN -> what is known of it.

    ``changed``: called with the devices that are different now. ``replaced``: called with the
    whole overlay, that is every device that the registry says something of, when it was read anew
    or one of them is gone; both as they are in force.
    """

    def __init__(self, settings: Sequence[DeviceSettings], *, unknown_mn: str = "accept") -> None:
        self.changed: list[Hook] = []
        self.replaced: list[Hook] = []
        self._overlay: dict[str, Registered] = {}
        self._loaded = False
        self._configured: dict[str, DeviceSettings] = {}
        self._known: dict[str, Known] = {}
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
        before, self._configured = self._configured, {device.mn: device for device in settings}
        self._accepts_unknown = unknown_mn == "accept"
        for mn in {**before, **self._configured}:
            if before.get(mn) != self._configured.get(mn):
                one = self._overlay.get(mn) or Registered(mn, None)
                self._take(mn, in_force(one, self._configured))
        if self._loaded:  # before, workers may know more than we do
            self._tell(self.replaced, self.overlay())

    def prepare(self, found: Iterable[Registered]) -> Prepared:
        """Lay what the registry keeps over the configuration, for `load` or `upsert`. May run in
        another thread: 36,000 devices take half a second."""
        configured = self._configured
        return Prepared(configured, [(one, in_force(one, configured)) for one in found])

    def load(self, found: Prepared | Iterable[Registered]) -> None:
        """All that the registry keeps, instead of what it kept."""
        entries = self._entries(found)
        kept = {one.mn for one, _ in entries}
        gone = [Registered(mn, None) for mn in self._overlay if mn not in kept]
        self._overlay = {one.mn: one for one, _ in entries if not one.empty}
        self._loaded = True
        for one, now in [*entries, *self._entries(gone)]:
            self._take(one.mn, now)
        self._tell(self.replaced, self.overlay())

    def upsert(self, changed: Prepared | Iterable[Registered]) -> None:
        """What the registry keeps of some MNs now."""
        different: list[DeviceSettings] = []
        gone = False
        for one, now in self._entries(changed):
            before = self._overlay.get(one.mn)
            if one == before:
                continue
            self._overlay.pop(one.mn, None)
            if not one.empty:
                self._overlay[one.mn] = one
            self._take(one.mn, now)
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
        # Copied in one step: the loop may add devices meanwhile.
        return [known.settings for known in list(self._known.values()) if known.registered]

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
        return kept if configured is None else as_record(kept, configured)

    def device(self, mn: str) -> Device:
        """Tolerances and keys of an MN; the defaults for one that nobody registered."""
        known = self._known.get(mn)
        return UNKNOWN if known is None else known.device

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

    def _entries(
        self, found: Prepared | Iterable[Registered]
    ) -> list[tuple[Registered, Known | None]]:
        if not isinstance(found, Prepared):
            found = self.prepare(found)
        elif found.configured is not self._configured:  # reloaded meanwhile
            found = self.prepare(one for one, _ in found.entries)
        return found.entries

    def _take(self, mn: str, now: Known | None) -> None:
        if now is None:
            self._known.pop(mn, None)
        else:
            self._known[mn] = now

    @staticmethod
    def _tell(hooks: list[Hook], devices: list[DeviceSettings]) -> None:
        for hook in hooks:
            hook(devices)
