"""Frames on their way by the key of their acknowledgement, which one frame each has.

Frames that share a key are the window's to group. Twin: _bales.pyx.
Tests: tests/hub/forward/test_flying.py.
"""

from __future__ import annotations

from array import array

Span = tuple[int, int]  # the first number, and behind the last


class Flying:
    """Key -> number of a frame."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, key: int) -> bool:
        return key in self._numbers

    def put(self, keys: array[int], first: int, last: int, number: int) -> bool:
        """Frames with the keys from ``first`` to ``last`` (not included), numbered from
        ``number`` on. False, and nothing is put, when a key is 0, known, or there twice."""
        chosen = keys[first:last]
        fresh = dict(zip(chosen, range(number, number + last - first), strict=True))
        if len(fresh) < last - first or 0 in fresh or not self._numbers.keys().isdisjoint(fresh):
            return False
        self._numbers.update(fresh)
        return True

    def set(self, key: int, number: int) -> None:
        """One frame, whose key is not known."""
        self._numbers[key] = number

    def pop(self, key: int) -> int:
        """The number of a frame that is on its way no more; -1 when there is none."""
        return self._numbers.pop(key, -1)

    def take(self, keys: array[int]) -> tuple[list[Span], list[int]]:
        """The frames with these keys, which are on their way no more, as spans of numbers in
        their order; and the keys that no frame has."""
        spans: list[Span] = []
        strange: list[int] = []
        for key in keys:
            number = self._numbers.pop(key, -1)
            if number < 0:
                strange.append(key)
            elif spans and spans[-1][1] == number:
                spans[-1] = (spans[-1][0], number + 1)
            else:
                spans.append((number, number + 1))
        return spans, strange

    def clear(self) -> None:
        """Nothing is on its way."""
        self._numbers.clear()
