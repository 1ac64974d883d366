"""Numbers of links: unique over restarts and workers, and a larger one is a newer link.

The number is the time of opening in microseconds, with the worker's slot in the lowest eight
bits; nothing needs to be kept. Tests: tests/link/test_numbers.py.
"""

from __future__ import annotations

MAX_SLOT = 255
_SLOT_BITS = 8


class LinkNumbers:
    """Numbers for the links of one worker."""

    __slots__ = ("_last_us", "_slot")

    def __init__(self, slot: int) -> None:
        if not 0 <= slot <= MAX_SLOT:
            raise ValueError(f"slot {slot} is not from 0 to {MAX_SLOT}")
        self._slot = slot
        self._last_us = 0

    def next(self, now_us: int) -> int:
        """Number for a link that opens at ``now_us`` (UTC microseconds since 1970).

        Always larger than the one before, also when the clock steps back; below 2**63 until the
        year 3111.
        """
        self._last_us = max(now_us, self._last_us + 1)
        return self._last_us << _SLOT_BITS | self._slot


def opened_us(number: int) -> int:
    """When the link with this number opened, UTC microseconds since 1970."""
    return number >> _SLOT_BITS
