"""What was taken from a feed and is not done, and so how far the target's place may go.

A place is a position in each lane before which everything is done; frames are done in any order.
Pure bookkeeping. Tests: tests/hub/forward/test_standing.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from hj212d.hub.forward.bale import Bale

_DONE = b"\1"


class _Entry:
    """A bale, which of its frames are done, and the first one that is not."""

    __slots__ = ("bale", "front", "states")

    def __init__(self, bale: Bale) -> None:
        self.bale = bale
        self.front = 0
        self.states = bytearray(bale.count)


class Standing:
    """The bales of one feed. ``advance``: gets lane and position, which only grow. ``total``:
    bales that were ever taken."""

    def __init__(self, advance: Callable[[str, int], object]) -> None:
        self.total = 0
        self._advance = advance
        self._lanes: dict[str, deque[_Entry]] = {}
        self._entries: dict[int, _Entry] = {}

    def __contains__(self, bale: Bale) -> bool:
        return id(bale) in self._entries

    @property
    def empty(self) -> bool:
        """Whether all that was taken is done."""
        return not self._entries

    @property
    def waiting(self) -> int:
        """Frames that are not done."""
        return sum(entry.states.count(0) for entry in self._entries.values())

    @property
    def oldest_us(self) -> int | None:
        """Receive time of the oldest frame that is not done."""
        fronts = [lane[0] for lane in self._lanes.values() if lane]
        return min(
            (entry.bale.received_us[entry.front] for entry in fronts if entry.bale.count),
            default=None,
        )

    def taken(self, bale: Bale) -> None:
        """A bale of the feed, in the order of its lane; one without frames is done at once."""
        entry = _Entry(bale)
        self.total += 1
        self._entries[id(bale)] = entry
        self._lanes.setdefault(bale.lane, deque()).append(entry)
        if not bale.count:
            self._move(bale.lane)

    def done(self, bale: Bale, first: int, last: int) -> None:
        """Frames of a bale are delivered, or dead letters."""
        entry = self._entries[id(bale)]
        entry.states[first:last] = _DONE * (last - first)
        if first <= entry.front:
            self._move(bale.lane)

    def _move(self, lane: str) -> None:
        entries = self._lanes[lane]
        position = None
        while entries:
            entry = entries[0]
            bale = entry.bale
            front = entry.states.find(0, entry.front)
            if front >= 0:
                entry.front = front
                if front:
                    position = bale.positions[front - 1]
                break
            position = bale.last
            entries.popleft()
            del self._entries[id(bale)]
        if position is not None:
            self._advance(lane, position)
