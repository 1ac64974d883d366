"""Who is watched by which rule: one row each with the detector's state, found by the thing.

A thing (a station, a factor of a station) is a number; its rows hang in a chain, so that many
things are stepped at once, one link of the chain after the other. Knows nothing of what a state
means. Not for several threads. Tests: tests/alerts/detect/test_watches.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.detect.outcomes import Bits, State
from alerts.detect.records import copied, put, taken

Places = NDArray[np.intp]
Numbers = NDArray[np.int32]

_END = -1
_LEAST_ROOM = 64
_MANY = 65_536


class Watches:
    """``empty``: so many states of which nothing is known."""

    def __init__(self, empty: Callable[[int], State]) -> None:
        self._empty = empty
        self._count = 0
        self._thing: Numbers = np.empty(0, np.int32)
        self._rule: Numbers = np.empty(0, np.int32)
        self._next: Numbers = np.empty(0, np.int32)
        self._state = empty(0)
        self._first: Numbers = np.empty(0, np.int32)

    def __len__(self) -> int:
        """How many rows there are."""
        return self._count

    @property
    def thing(self) -> Numbers:
        """Of each row what is watched."""
        return self._thing[: self._count]

    @property
    def rule(self) -> Numbers:
        """Of each row the rule, to be written when rules get other numbers."""
        return self._rule[: self._count]

    @property
    def state(self) -> State:
        """Of each row the state, to be read or written in place."""
        return self._state[: self._count]

    def get(self, rows: NDArray[np.integer[Any]]) -> State:
        """States of some rows, of their own."""
        return taken(self._state, rows)

    def put(self, rows: NDArray[np.integer[Any]], state: State) -> None:
        """Other states in some rows."""
        put(self._state, rows, state)

    @property
    def nbytes(self) -> int:
        """Memory of the columns."""
        columns: tuple[NDArray[Any], ...] = (
            self._thing,
            self._rule,
            self._next,
            self._state,
            self._first,
        )
        return sum(column.nbytes for column in columns)

    def add(self, thing: int, rule: int) -> int:
        """Watch a thing by a rule from now on; the row."""
        row = self._count
        if row == len(self._thing):
            self._grow()
        if thing >= len(self._first):
            more = np.full(max(roomier(len(self._first)), thing + 1), _END, np.int32)
            more[: len(self._first)] = self._first
            self._first = more
        self._thing[row], self._rule[row] = thing, rule
        self._next[row], self._first[thing] = self._first[thing], row
        self._count += 1
        return row

    def of(self, thing: int) -> list[int]:
        """The rows of one thing."""
        found = []
        row = int(self._first[thing]) if thing < len(self._first) else _END
        while row != _END:
            found.append(row)
            row = int(self._next[row])
        return found

    def chains(self, things: NDArray[np.integer[Any]]) -> Iterator[tuple[Places, Places]]:
        """Rows of many different things, a link of the chains at a time: which of ``things``, and
        the row of each."""
        inside = np.flatnonzero(things < len(self._first))
        rows = self._first[things[inside]]
        while True:
            there = rows != _END
            if not there.all():
                inside, rows = inside[there], rows[there]
            if not len(rows):
                return
            yield inside, rows.astype(np.intp)
            rows = self._next[rows]

    def find(self, things: NDArray[np.integer[Any]], rules: NDArray[np.integer[Any]]) -> Places:
        """The row of each thing under a rule, -1 for none; things may be below 0 and repeat."""
        found = np.full(len(things), _END, np.intp)
        for which, rows in self.chains(np.where(things < 0, len(self._first), things)):
            right = self._rule[rows] == rules[which]
            found[which[right]] = rows[right]
        return found

    def keep(self, kept: Bits) -> None:
        """Forget the other rows; those that stay are numbered anew, in the same order."""
        if not kept.all():
            self.load(self.thing[kept], self.rule[kept], taken(self.state, np.flatnonzero(kept)))

    def load(self, thing: Numbers, rule: Numbers, state: State) -> None:
        """These rows instead of those that are there."""
        count = len(thing)
        self._count = count
        self._thing, self._rule = thing.astype(np.int32), rule.astype(np.int32)
        self._state = copied(state)
        self._next = np.full(count, _END, np.int32)
        self._first = np.full(int(thing.max(initial=-1)) + 1, _END, np.int32)
        by_thing = np.argsort(self._thing, kind="stable").astype(np.int32)
        ordered = self._thing[by_thing]
        same = ordered[1:] == ordered[:-1]
        self._next[by_thing[1:][same]] = by_thing[:-1][same]
        last = np.append(~same, True)[:count]
        self._first[ordered[last]] = by_thing[last]

    def _grow(self) -> None:
        room = roomier(len(self._thing))
        for name in ("_thing", "_rule", "_next"):
            column = np.zeros(room, np.int32)
            column[: self._count] = getattr(self, name)[: self._count]
            setattr(self, name, column)
        state = self._empty(room)
        state[: self._count] = self._state[: self._count]
        self._state = state


def roomier(rows: int) -> int:
    """Room for more: twice as much, of many a quarter more."""
    return max(_LEAST_ROOM, 2 * rows if rows < _MANY else rows + rows // 4)
