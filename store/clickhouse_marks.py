"""What is newer than everything known: the rows of a batch that need no look-up in the store.

For each pair of MN and name (a frame's cn, a sample's period) the newest time is kept. A row with
a later time cannot be there already. Times ahead of their receipt by more than a day (a clock in
2099) would make all others look old for years; they are kept apart, as the oldest of them.
Tests: tests/store/test_clickhouse_marks.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Times = NDArray[np.int64]
Slots = NDArray[np.int64]

_DAY_US = 86_400_000_000
_NONE = np.iinfo(np.int64).min  # older than any time
_NEVER = np.iinfo(np.int64).max

COLUMNS = pa.schema(
    [
        ("mn", pa.string()),
        ("kind", pa.string()),
        ("name", pa.string()),
        ("newest", pa.timestamp("us")),
        ("ahead", pa.timestamp("us")),
    ]
)


class Marks:
    """Marks of one kind of row; ``kind`` is what the table of marks calls it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._pairs: list[tuple[str, str]] = []
        self._slots: dict[tuple[str, str], int] = {}
        self._newest: Times = np.full(1024, _NONE)
        self._ahead: Times = np.full(1024, _NEVER)

    def load(self, known: pa.Table) -> None:
        """Take over rows of the table of marks; those of other kinds are passed by."""
        for row in known.to_pylist():
            if row["kind"] == self.kind:
                slot = self._slot((row["mn"], row["name"]))
                self._newest[slot] = _us(row["newest"], _NONE)
                self._ahead[slot] = _us(row["ahead"], _NEVER)

    def slots(self, mns: pa.DictionaryArray, names: pa.DictionaryArray) -> Slots:
        """A number for each row's pair, the same for equal pairs, now and later."""
        words = [names.dictionary.to_pylist(), mns.dictionary.to_pylist()]
        combined = mns.indices.to_numpy().astype(np.int64) * max(1, len(words[0]))
        combined += names.indices.to_numpy()
        distinct, inverse = np.unique(combined, return_inverse=True)
        found = [
            self._slot((words[1][at], words[0][name]))
            for at, name in zip(*divmod(distinct, max(1, len(words[0]))), strict=True)
        ]
        return np.array(found, np.int64)[inverse]

    def late(self, slots: Slots, times: Times) -> NDArray[np.bool_]:
        """Which rows may be in the store already, by what was marked before them."""
        return (times <= self._newest[slots]) | (times >= self._ahead[slots])

    def mark(self, slots: Slots, times: Times, received: Times) -> pa.Table:
        """Know these rows from now on; what is to be written of it, before the rows are."""
        ahead = times > received + _DAY_US
        touched = np.unique(slots)
        before = self._newest[touched], self._ahead[touched]
        np.maximum.at(self._newest, slots[~ahead], times[~ahead])
        np.minimum.at(self._ahead, slots[ahead], times[ahead])
        newest, oldest = self._newest[touched], self._ahead[touched]
        changed = (newest != before[0]) | (oldest != before[1])
        touched, newest, oldest = touched[changed], newest[changed], oldest[changed]
        pairs = [self._pairs[slot] for slot in touched]
        return pa.table(
            [
                pa.array([mn for mn, _ in pairs], pa.string()),
                pa.array([self.kind] * len(pairs), pa.string()),
                pa.array([name for _, name in pairs], pa.string()),
                pa.array(newest, mask=newest == _NONE).cast(pa.timestamp("us")),
                pa.array(oldest, mask=oldest == _NEVER).cast(pa.timestamp("us")),
            ],
            schema=COLUMNS,
        )

    def _slot(self, pair: tuple[str, str]) -> int:
        slot = self._slots.get(pair)
        if slot is None:
            slot = self._slots[pair] = len(self._pairs)
            self._pairs.append(pair)
            if slot == len(self._newest):
                self._newest = np.concatenate([self._newest, np.full(slot, _NONE)])
                self._ahead = np.concatenate([self._ahead, np.full(slot, _NEVER)])
        return slot


def _us(value: Any, nothing: int) -> int:
    return nothing if value is None else int(value)
