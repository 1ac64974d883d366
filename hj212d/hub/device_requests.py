"""What the control socket answers about registered devices: read, change, remove, exchange the
registry's key. Passwords leave as "***" only.

Tests: tests/hub/test_device_requests.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from twisted.internet.defer import Deferred

from hj212d.hub.commands.patience import in_force
from hj212d.hub.commands.requests import Signed
from hj212d.hub.connection import Answering
from hj212d.hub.device_changes import apply, mn_of
from hj212d.hub.devices import Devices
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request
from store.registry.open import Registry
from store.registry.records import DeviceRecord

Changes = Mapping[str, Any]
_CHANGES = 20


class DeviceGet(Request, tag="device_get"):
    """The device of one MN with its last changes, or those of the ``limit`` MNs behind ``after``,
    as they are in force: the registry's word over the configuration's."""

    mn: str | None = None
    after: str = ""
    limit: Annotated[int, Meta(ge=1, le=2000)] = 1000


class DevicePut(Signed, tag="device_put", kw_only=True):
    """Change devices, all or none: each has its ``mn`` and the fields that change."""

    devices: list[dict[str, Any]]


class DeviceRemove(Signed, tag="device_remove", kw_only=True):
    """Forget what the registry keeps of devices, all or none."""

    mns: list[str]


class RegistryLook(Request, tag="registry_look"):
    """Notice at once what another process changed."""


class RegistryRekey(Request, tag="registry_rekey"):
    """Exchange the key of the registry's secrets."""


def answers(registry: RegistryService, devices: Devices) -> dict[type[Request], Answering]:
    """Request -> what answers it."""

    def get(request: DeviceGet) -> dict[str, Any] | Deferred[dict[str, Any]]:
        if request.mn is not None:
            rows = [row(devices, request.mn)] if devices.knows(request.mn) else []
            return registry.call(about, rows, request.mn)
        mns = devices.mns_after(request.after, request.limit)
        answer: dict[str, Any] = {"devices": [row(devices, mn) for mn in mns]}
        if len(mns) == request.limit:
            answer["next"] = mns[-1]
        return answer

    def put(request: DevicePut) -> Deferred[dict[str, Any]]:
        done = registry.call(put_changes, request.devices, request.who)
        return done.addCallback(lambda kept: {"changed": kept})

    def remove(request: DeviceRemove) -> Deferred[dict[str, Any]]:
        done = registry.call(remove_all, request.mns, request.who)
        return done.addCallback(lambda _: {"removed": len(request.mns)})

    def look(_: RegistryLook) -> Deferred[dict[str, Any]]:
        return registry.call(Registry.look).addCallback(lambda _: {})

    def rekey(_: RegistryRekey) -> Deferred[dict[str, Any]]:
        return registry.alone(Registry.rekey).addCallback(lambda count: {"secrets": count})

    return {
        DeviceGet: get,
        DevicePut: put,
        DeviceRemove: remove,
        RegistryLook: look,
        RegistryRekey: rekey,
    }


def put_changes(registry: Registry, changes: Sequence[Changes], who: str) -> int:
    """Lay changes over the devices of their MNs, all or none; how many are different now.

    ValueError names the first that is wrong: its place when there are several, field and value.
    """
    mns = [mn_of(one.get("mn")) for one in changes]
    with registry.together():
        known = {record.mn: record for record in registry.devices.some(mns)}
        wanted: dict[str, DeviceRecord] = {}
        for number, (mn, one) in enumerate(zip(mns, changes, strict=True), 1):
            before = wanted.get(mn) or known.get(mn) or DeviceRecord(mn)
            try:
                wanted[mn] = apply(before, one)
            except ValueError as problem:
                where = f"number {number}, {mn}: " if len(mns) > 1 else f"{mn}: "
                raise ValueError(f"{where}{problem}") from problem
        registry.devices.put_all(list(wanted.values()), who)
        return sum(1 for mn, device in wanted.items() if device != known.get(mn))


def remove_all(registry: Registry, mns: Sequence[str], who: str) -> None:
    """Forget devices, all or none; ValueError names one that the registry does not keep."""
    with registry.together():
        for mn in mns:
            try:
                registry.devices.remove(mn, who)
            except KeyError:
                raise ValueError(f"the registry has no device {mn}") from None


def about(registry: Registry, rows: Sequence[Changes], mn: str) -> dict[str, Any]:
    """All of one device: its row, if it has one, with how long an answer of it is waited for, and
    its last changes."""
    waits = [in_force(registry, mn, str(one["medium"])) for one in rows]
    return {
        "devices": [
            {**one, "timeout_s": each.timeout_s, "resends": each.resends, "waits_by": each.source}
            for one, each in zip(rows, waits, strict=True)
        ],
        "changes": changes_of(registry, mn),
    }


def changes_of(registry: Registry, mn: str) -> list[dict[str, Any]]:
    """The last notes of changes of a device, newest first."""
    found: list[dict[str, Any]] = msgspec.to_builtins(registry.audit.find(mn, _CHANGES))
    return found


def row(devices: Devices, mn: str) -> dict[str, Any]:
    """One device for showing: its fields in force, how many keys are tried, and where the word
    comes from ("registry", "configuration" or both)."""
    shown = record_row(devices.record(mn))
    return {**shown, "keys": len(devices.device(mn).keys), "from": devices.origin(mn)}


def record_row(record: DeviceRecord) -> dict[str, Any]:
    """A record for showing, its password hidden."""
    built: dict[str, Any] = msgspec.to_builtins(record)
    built["password"] = "***" if record.password else ""
    return built
