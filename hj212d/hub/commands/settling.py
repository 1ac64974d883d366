"""Instruments that came back a moment ago, and when each has had time to settle. Pure.

Tests: tests/hub/commands/test_command_service.py.
"""

from __future__ import annotations

from heapq import heappop, heappush


class Settling:
    """MN -> when to look whether something can be sent to it."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._due: list[tuple[float, str]] = []

    def __contains__(self, mn: str) -> bool:
        """Whether its moment is still to come."""
        return mn in self._at

    def look(self, mn: str, at_s: float) -> None:
        """Look at this MN then; a moment that was said before counts no more."""
        self._at[mn] = at_s
        heappush(self._due, (at_s, mn))

    def due(self, now_s: float) -> list[str]:
        """MNs whose moment has come."""
        found: list[str] = []
        while self._due and self._due[0][0] <= now_s:
            at_s, mn = heappop(self._due)
            if self._at.get(mn) == at_s:
                del self._at[mn]
                found.append(mn)
        return found
