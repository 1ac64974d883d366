"""When to look at something again: an instrument that settles, a line that pauses. Pure.

Tests: tests/hub/commands/test_command_service.py.
"""

from __future__ import annotations

from collections.abc import Hashable
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Moments(Generic[K]):
    """What -> when to look at it; one moment each, the one that was said last."""

    def __init__(self) -> None:
        self._at: dict[K, float] = {}
        self._due: list[tuple[float, int, K]] = []
        self._number = count()

    def __contains__(self, what: K) -> bool:
        """Whether its moment is still to come."""
        return what in self._at

    def look(self, what: K, at_s: float) -> None:
        """Look at this then; a moment that was said before counts no more."""
        self._at[what] = at_s
        heappush(self._due, (at_s, next(self._number), what))

    def due(self, now_s: float) -> list[K]:
        """Those whose moment has come."""
        found: list[K] = []
        while self._due and self._due[0][0] <= now_s:
            at_s, _, what = heappop(self._due)
            if self._at.get(what) == at_s:
                del self._at[what]
                found.append(what)
        return found
