"""Rows under 64-bit keys: a sorted NumPy array of keys and an array for each column.

Made for many look-ups and rare new keys: one that is new moves what stands behind it. Knows
nothing of what the columns mean. Tests: tests/hub/test_keyed.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hj212d.hub.columns import Places

Keys = NDArray[np.int64]
Column = NDArray[Any]


class Keyed:
    """A table in order of its keys; each key stands once."""

    def __init__(self, **kinds: type[np.generic]) -> None:
        """``kinds``: name of a column -> type of its values."""
        self.keys: Keys = np.empty(0, np.int64)
        self._columns: dict[str, Column] = {
            name: np.empty(0, kind) for name, kind in kinds.items()
        }

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.keys)

    def __getitem__(self, name: str) -> Column:
        """A column, to be read or written in place."""
        return self._columns[name]

    def find(self, keys: Keys) -> tuple[Places, NDArray[np.bool_]]:
        """For each key where it stands or would stand, and whether it is there."""
        at = np.searchsorted(self.keys, keys)
        known = np.zeros(len(keys), np.bool_)
        inside = at < len(self.keys)
        known[inside] = self.keys[at[inside]] == keys[inside]
        return at, known

    def insert(self, keys: Keys, values: Mapping[str, Column]) -> None:
        """Rows for new keys, each given once, in order; a column that is not given is 0."""
        at = np.searchsorted(self.keys, keys)
        self.keys = np.insert(self.keys, at, keys)
        for name, column in self._columns.items():
            self._columns[name] = np.insert(column, at, values.get(name, 0))

    def put(self, at: Places, values: Mapping[str, Column]) -> None:
        """Other values in rows that are there, each given once."""
        for name, column in values.items():
            self._columns[name][at] = column

    def between(self, first: int, end: int) -> slice:
        """The rows with keys from ``first`` to below ``end``."""
        low, high = np.searchsorted(self.keys, [first, end])
        return slice(int(low), int(high))
