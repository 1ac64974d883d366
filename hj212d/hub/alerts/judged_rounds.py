"""Rows of a batch in rounds, so that each thing is stepped once in each, in its own order.

Tests: tests/hub/alerts/test_evaluator.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hj212d.hub.columns import Places


def rounds(things: NDArray[np.integer[Any]]) -> Iterator[Places]:
    """Rows of which each thing has one, then those that come second, and so on; rows of things
    below 0 are left out."""
    order = np.argsort(things, kind="stable")
    order = order[int((things < 0).sum()) :]
    if not len(order):
        return
    ordered = things[order]
    starts = np.append(True, ordered[1:] != ordered[:-1])
    begins = np.flatnonzero(starts)
    if len(begins) == len(order):
        yield np.sort(order)
        return
    nth = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    # All of one turn stand together: a turn costs what it has rows.
    by_turn = np.argsort(nth, kind="stable")
    ends = np.cumsum(np.bincount(nth))
    for first, end in zip(np.append(0, ends[:-1]).tolist(), ends.tolist(), strict=True):
        yield np.sort(order[by_turn[first:end]])
