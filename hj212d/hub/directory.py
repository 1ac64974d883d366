"""All MNs in order, with what a list of stations is searched, filtered and sorted by.

Arrow and NumPy do the work on columns, without a row an MN; only what a screen shows becomes rows
(stations.py). Immutable: made anew when a station comes. Tests: tests/hub/test_stations.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hj212d.hub.columns import Places


class Directory:
    """Stations heard of and stations registered, in order of MN."""

    def __init__(self, heard: Sequence[str], count: int, names: Mapping[str, str]) -> None:
        """``heard``: MNs in the order of the facts, the first ``count`` of them. ``names``: of
        the registered ones."""
        self._of = heard, count, names
        known = set(heard[:count])
        silent = [mn for mn in names if mn not in known]
        mns = pa.array([*islice(heard, count), *silent], pa.string())
        order = pc.sort_indices(mns)
        self._mns = mns.take(order)
        places = order.to_numpy().astype(np.intp)
        self._places = np.where(places < count, places, -1)
        ordered = self._mns.to_pylist()
        self._names = pa.array([names.get(mn, "") for mn in ordered], pa.string())
        self._registered = np.fromiter((mn in names for mn in ordered), np.bool_, len(ordered))

    def __len__(self) -> int:
        """How many MNs there are."""
        return len(self._mns)

    def is_of(self, heard: Sequence[str], count: int, names: Mapping[str, str]) -> bool:
        """Whether these were the arguments."""
        return heard is self._of[0] and count == self._of[1] and names is self._of[2]

    def mns(self, places: Places) -> list[str]:
        """The MNs at some places of this directory."""
        found: list[str] = self._mns.take(places).to_pylist()
        return found

    def after(self, mn: str, limit: int) -> Places:
        """The next places behind an MN, which need not be there; "": from the first."""
        begin = int(pc.sum(pc.less_equal(self._mns, mn)).as_py() or 0) if mn else 0
        return np.arange(begin, min(begin + limit, len(self)))

    def all(self) -> Places:
        """All places."""
        return np.arange(len(self))

    def containing(self, text: str) -> NDArray[np.bool_]:
        """Whose MN or name contains a text, upper or lower case."""
        found = pc.or_(
            pc.match_substring(self._mns, text, ignore_case=True),
            pc.match_substring(self._names, text, ignore_case=True),
        )
        chosen: NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
        return chosen

    @property
    def registered(self) -> NDArray[np.bool_]:
        """Who is registered."""
        return self._registered

    def spread(self, facts: NDArray[Any], silent: int) -> NDArray[Any]:
        """A column of facts in the order of this directory; ``silent`` for who was never heard."""
        column = np.full(len(self), silent, facts.dtype)
        heard = self._places >= 0
        column[heard] = facts[self._places[heard]]
        return column
