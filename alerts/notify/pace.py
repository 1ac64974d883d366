"""How many messages an address may get: so many in a minute, so many in an hour, and rests that a
service asked for.

Tests: tests/alerts/notify/test_pace.py.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
AMPLE = 1_000_000

Address = tuple[str, str]  # channel and address: a secret, never to be shown


class Limits(msgspec.Struct, frozen=True):
    """Channel -> messages to one address; channels without have no limit."""

    per_minute: Mapping[str, float] = {}
    per_hour: Mapping[str, float] = {}

    def of(self, channel: str) -> list[tuple[timedelta, int]]:
        """Spans and how many fit in each."""
        limits = ((MINUTE, self.per_minute.get(channel)), (HOUR, self.per_hour.get(channel)))
        return [(span, int(many)) for span, many in limits if many is not None]


class Pace:
    """When messages left for each address, in the last hour; changed by one thread, read from its
    :meth:`copy` by others."""

    def __init__(self) -> None:
        self._left: dict[Address, list[datetime]] = {}
        self._rests: dict[Address, datetime] = {}

    def knows(self, address: Address) -> bool:
        """Whether anything is known of it."""
        return address in self._left

    def note(self, address: Address, at: datetime, many: int = 1) -> None:
        """So many left now, or, of an earlier life of ours, about then."""
        for _ in range(many):
            bisect.insort(self._left.setdefault(address, []), at)
        self._left.setdefault(address, [])

    def rest(self, address: Address, until: datetime) -> None:
        """A service wants to be left alone."""
        self._rests[address] = max(until, self._rests.get(address, until))

    def free(self, address: Address, limits: Limits, now: datetime) -> int:
        """How many more may leave now."""
        if self._rests.get(address, now) > now:
            return 0
        left = self._left.get(address, [])
        room = AMPLE
        for span, many in limits.of(address[0]):
            room = min(room, many - (len(left) - bisect.bisect_right(left, now - span)))
        return max(room, 0)

    def next_free(self, address: Address, limits: Limits, now: datetime) -> datetime:
        """When one may leave, if none may now."""
        found = max(self._rests.get(address, now), now)
        left = self._left.get(address, [])
        for span, many in limits.of(address[0]):
            if len(left) >= many:
                found = max(found, left[-many] + span)
        return found

    def forget(self, now: datetime) -> None:
        """Drop what no limit asks for any more."""
        for address, left in list(self._left.items()):
            del left[: bisect.bisect_right(left, now - HOUR)]
            if not left:
                del self._left[address]
        self._rests = {address: until for address, until in self._rests.items() if until > now}

    def copy(self) -> Pace:
        """As it is now."""
        made = Pace()
        made._left = {address: list(left) for address, left in self._left.items()}
        made._rests = dict(self._rests)
        return made
