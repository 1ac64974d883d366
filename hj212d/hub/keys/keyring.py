"""What the key service does with the registry: whole steps, each one transaction. Blocking.

Rules are in rotation.py; who calls when is service.py's. Tests: tests/hub/keys/test_keyring.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from hj212d.hub.keys.policy import SET_KEY
from hj212d.hub.keys.rotation import Change, Ring, creation_time, new_key, promoted, wire_time
from store.registry.open import Registry
from store.registry.records import OPEN_COMMANDS, CommandRecord, KeyRecord

_LOOK_BACK = 200  # commands of one MN, newest first


class Pending(msgspec.Struct, frozen=True):
    """What became of the requests that carried a pending key. ``open_id``: the command that is
    under way, 0: none; ``tried``: those that ended, the last at ``last``."""

    open_id: int = 0
    tried: int = 0
    last: datetime | None = None


class Opened(msgspec.Struct, frozen=True):
    """What the registry knows at the start."""

    rings: dict[str, Ring]
    pending: dict[str, Pending]


def open_rings(
    registry: Registry, configured: Mapping[str, Sequence[bytes]], now: datetime
) -> Opened:
    """All rings, after what a crash left open is settled and keys that are in the configuration
    only are taken over. ``configured``: MN -> keys, newest first."""
    active = registry.keys.active(None)
    for mn, keys in configured.items():
        known = {one.key for one in active.get(mn, ())}
        if not known.issuperset(keys):
            _take_over(registry, mn, keys, now)
    rings: dict[str, Ring] = {}
    pending: dict[str, Pending] = {}
    for mn, records in registry.keys.active(None).items():
        ring = Ring.of(records)
        if sum(key.state == "current" for key in ring.keys) > 1:
            assert ring.current is not None
            apply(registry, mn, promoted(ring, ring.current, ring.current.why), now)
            ring = read(registry, mn)
        if ring.pending is not None:
            pending[mn] = _requests(registry, mn, ring.pending)
            if pending[mn].open_id == 0 and _was_taken(registry, mn, ring.pending):
                apply(registry, mn, promoted(ring, ring.pending, "the device said so"), now)
                ring = read(registry, mn)
                del pending[mn]
        rings[mn] = ring
    return Opened(rings, pending)


def read(registry: Registry, mn: str) -> Ring:
    """The ring of one device."""
    return Ring.of(registry.keys.active([mn]).get(mn, []))


def apply(
    registry: Registry, mn: str, changes: Iterable[Change], now: datetime, who: str = "keys"
) -> Ring:
    """Write changes, all or none; the ring afterwards."""
    with registry.together():
        for one in changes:
            registry.keys.set_state(
                mn,
                one.created_at,
                one.state,
                now if one.proven else None,
                one.why,
                who,
            )
        return read(registry, mn)


def add_pending(
    registry: Registry,
    mn: str,
    form: str,
    random_bytes: Callable[[int], bytes],
    now: datetime,
    why: str,
    who: str,
) -> Ring:
    """Make a new key; one that was pending goes on being tried, as a previous one."""
    with registry.together():
        records = registry.keys.of(mn)
        for key in records:
            if key.state == "pending":
                superseded = "superseded before it was proven"
                registry.keys.set_state(mn, key.created_at, "previous", None, superseded, who)
        made = new_key(form, random_bytes)
        at = creation_time(now, records)
        registry.keys.add(KeyRecord(mn, made, "pending", at, None, why), who)
        return read(registry, mn)


def set_current(
    registry: Registry, mn: str, key: bytes, now: datetime, why: str, who: str
) -> Ring:
    """The key that a device has, as people know it. All others are tried on, as previous ones;
    one that is kept already keeps its date and its proof."""
    with registry.together():
        records = registry.keys.of(mn)
        known = next((one for one in records if one.key == key), None)
        for one in records:
            if one is not known and one.state in ("pending", "current"):
                registry.keys.set_state(mn, one.created_at, "previous", None, why, who)
        if known is None:
            at = creation_time(now, records)
            registry.keys.add(KeyRecord(mn, key, "current", at, None, why), who)
        else:
            registry.keys.set_state(mn, known.created_at, "current", None, why, who)
        return read(registry, mn)


def _take_over(registry: Registry, mn: str, keys: Sequence[bytes], now: datetime) -> None:
    """Keys of the configuration that the registry has never seen: the first is believed to be the
    current one, unless the registry knows a newer one by then."""
    records = registry.keys.of(mn)
    unknown = [key for key in keys if all(one.key != key for one in records)]
    with registry.together():
        for key in reversed(unknown):
            if key == keys[0]:
                set_current(registry, mn, key, now, "from the configuration", "configuration")
            else:
                at = creation_time(now, registry.keys.of(mn))
                older = KeyRecord(mn, key, "previous", at, None, "from the configuration")
                registry.keys.add(older, "configuration")


def _requests(registry: Registry, mn: str, key: KeyRecord) -> Pending:
    commands = _that_carry(registry, mn, key)
    under_way = next((one for one in commands if one.state in OPEN_COMMANDS), None)
    if under_way is not None:
        return Pending(under_way.id, len(commands) - 1)
    last = max((one.finished_at or one.created_at for one in commands), default=None)
    return Pending(0, len(commands), last)


def _was_taken(registry: Registry, mn: str, key: KeyRecord) -> bool:
    return any(one.state == "done" for one in _that_carry(registry, mn, key))


def _that_carry(registry: Registry, mn: str, key: KeyRecord) -> list[CommandRecord]:
    found = registry.commands.find(mn=mn, cn=SET_KEY, limit=_LOOK_BACK)
    return [one for one in found if carries(one, key)]


def carries(command: CommandRecord, key: KeyRecord) -> bool:
    """Whether a 1014 carried this key."""
    told = str(command.args.get("SKCreateTime", ""))
    return len(told) >= 14 and wire_time(key.created_at).startswith(told)
