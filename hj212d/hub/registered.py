"""What the registry keeps of devices, read for the overlay: records, keys in use, keys of old.

Blocking: runs in the registry's thread, or in a command.
Tests: tests/hub/test_registry_service.py.
"""

from __future__ import annotations

from hj212d.hub.overlay import Registered
from store.registry.open import Registry


def registered(registry: Registry, mns: set[str] | None = None) -> list[Registered]:
    """What is kept of some MNs or of all: devices, keys that a frame may be encrypted with, and
    keys that were, for old ones."""
    wanted = None if mns is None else sorted(mns)
    records = registry.devices.all() if wanted is None else registry.devices.some(wanted)
    known = {record.mn: record for record in records}
    keys = registry.keys.active(wanted)
    old = registry.keys.retired(wanted)
    return [
        Registered(
            mn,
            known.get(mn),
            tuple(key.key for key in keys.get(mn, ())),
            tuple(key.key for key in old.get(mn, ())),
        )
        for mn in (sorted({*known, *keys, *old}) if wanted is None else wanted)
    ]
