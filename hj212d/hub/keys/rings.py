"""What the hub knows of all devices' keys: who must be listened to, whose key is due.

In memory only; the registry is where keys are kept. Tests: tests/hub/keys/test_key_service.py.
"""

from __future__ import annotations

import heapq
from datetime import datetime

from hj212d.hub.commands.ear import EarService
from hj212d.hub.keys.rotation import Ring, Use, due_at
from hj212d.hub.keys.settings import KeysSettings

_NONE = Ring()


class Rings:
    """MN -> ring.

    ``uses``: what the frames of those with several keys needed; the ear hears them meanwhile.
    ``unproven``: those whose only key opened no frame yet. ``overdue``: those to be changed, the
    oldest first.
    """

    def __init__(self, ear: EarService, settings: KeysSettings) -> None:
        self.settings = settings
        self.rings: dict[str, Ring] = {}
        self.uses: dict[str, Use] = {}
        self.watched: set[str] = set()
        self.unproven: set[str] = set()
        self.overdue: dict[str, None] = {}
        self._ear = ear
        self._coming_due: list[tuple[datetime, str]] = []

    def of(self, mn: str) -> Ring:
        """The keys of a device that live."""
        return self.rings.get(mn, _NONE)

    def take(self, mn: str, ring: Ring) -> None:
        """These are the keys of a device now."""
        if ring.keys:
            self.rings[mn] = ring
        else:
            self.rings.pop(mn, None)
        if len(ring.keys) > 1:
            self.uses.setdefault(mn, Use())
            if mn not in self.watched:
                self.watched.add(mn)
                self._ear.watch_mn(mn)
        elif mn in self.watched:
            self.watched.discard(mn)
            self.uses.pop(mn, None)
            self._ear.unwatch_mn(mn)
        current = ring.current
        if current is not None and current.proven_at is None and len(ring.keys) == 1:
            self.unproven.add(mn)
        else:
            self.unproven.discard(mn)
        due = due_at(ring, self.settings)
        self.overdue.pop(mn, None)
        if due is not None:
            heapq.heappush(self._coming_due, (due, mn))

    def replace(self, found: dict[str, Ring]) -> None:
        """All rings, in place of those that were known."""
        for mn in [mn for mn in self.rings if mn not in found]:
            self.take(mn, _NONE)
        self._coming_due.clear()
        self.overdue.clear()
        for mn, ring in found.items():
            self.take(mn, ring)

    def is_due(self, mn: str, now: datetime) -> bool:
        """Whether the key of a device is older than it should be."""
        due = due_at(self.of(mn), self.settings)
        return due is not None and due <= now

    def gather_due(self, now: datetime) -> None:
        """Bring ``overdue`` up to this moment."""
        while self._coming_due and self._coming_due[0][0] <= now:
            _, mn = heapq.heappop(self._coming_due)
            if self.is_due(mn, now):
                self.overdue[mn] = None
