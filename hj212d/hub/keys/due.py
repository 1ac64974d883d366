"""What the clock brings: keys that are proven by now, not needed any more, to be sent (again).

Says it, one after the other; the service does it. Tests: tests/hub/keys/test_key_service.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Protocol

from hj212d.hub.keys.keyring import Pending
from hj212d.hub.keys.rings import Rings
from hj212d.hub.keys.rotation import Change, Pace, Use, retired, retry_at
from hj212d.hub.keys.settings import KeysSettings
from hj212d.hub.keys.tally import Tally


class Known(Protocol):
    """The key service, as far as it is needed here."""

    settings: KeysSettings
    rings: Rings
    pending: dict[str, Pending]

    def changing(self, mn: str) -> int | None:
        """The command that changes the key of a device just now; None: none."""


class Due:
    """``reachable``: whether a request to a device can be written and sent. Keys leave at the pace
    of the settings, which may change: ``pace.per_hour``."""

    def __init__(
        self,
        known: Known,
        *,
        tally: Tally,
        reachable: Callable[[str], bool],
        now_us: Callable[[], int],
    ) -> None:
        self.pace = Pace(known.settings.per_hour, now_us() / 1e6)
        self._known = known
        self._tally = tally
        self._reachable = reachable
        self._now_us = now_us
        self._since = self._now()

    def proofs(self) -> Iterator[tuple[str, Change]]:
        """Of devices with one key alone: any frame that was encrypted and read proves it."""
        rings = self._known.rings
        for mn in list(rings.unproven):
            current = rings.of(mn).current
            if current is None:
                continue
            since_us = int(current.created_at.timestamp() * 1e6)
            if self._tally.encrypted_since(mn, since_us):
                rings.unproven.discard(mn)
                yield mn, Change(current.created_at, "current", "opened a frame", proven=True)

    def retirements(self) -> Iterator[tuple[str, list[Change]]]:
        """Of devices with several keys: those that no frame needs any more."""
        rings, now = self._known.rings, self._now()
        for mn in list(rings.watched):
            use = rings.uses.get(mn, Use())
            yield mn, retired(rings.of(mn), use, now, self._since, self._known.settings)

    def to_send(self) -> Iterator[tuple[str, str]]:
        """MN and why: keys that wait for another try first, then those that are too old."""
        known = self._known
        for mn, one in list(known.pending.items()):
            if not self._may(mn):
                continue
            if one.last is None or retry_at(one.tried, one.last, known.settings) <= self._now():
                if not self.pace.take(self._now_us() / 1e6):
                    break
                yield mn, "tried again"
        known.rings.gather_due(self._now())
        for mn in list(known.rings.overdue):
            if mn in known.pending or not self._may(mn):
                continue
            if not self.pace.take(self._now_us() / 1e6):
                break
            del known.rings.overdue[mn]
            yield mn, "due"

    def _may(self, mn: str) -> bool:
        return self._known.changing(mn) is None and self._reachable(mn)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._now_us() / 1e6, UTC)
