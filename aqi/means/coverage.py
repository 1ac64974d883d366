"""For how many minutes of an hour its values stand.

The store says which minutes have a valid value (one bit each); how far a value reaches follows
from the distance to its neighbours. Tests: tests/aqi/means/test_coverage.py.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def gaps(bits: Ints) -> Ints:
    """The least distance between two minutes with a value; 0 where there are not two."""
    found = np.zeros(len(bits), np.int64)
    open_rows = np.flatnonzero(np.bitwise_count(bits) >= 2)
    for distance in range(1, 60):
        if not len(open_rows):
            break
        left = bits[open_rows]
        near = (left & (left >> distance)) != 0
        found[open_rows[near]] = distance
        open_rows = open_rows[~near]
    return found


def covered(bits: Ints, rows: Ints, length: Ints, most: Ints, alone: Ints) -> Ints:
    """Minutes that are covered, 60 at the most.

    ``rows``: how many rows came for the hour, valid or not: their distance is not larger than they
    leave room for. ``length``: minutes from one value to the next where that is known, else 0.
    ``most``: a value stands for no more minutes than this, ``alone``: one without a neighbour.
    """
    distance = gaps(bits)
    distance = np.where(distance == 0, alone, distance)
    distance = np.minimum(distance, 60 // np.maximum(rows, 1))
    distance = np.where(length > 0, length, distance)
    distance = np.clip(distance, 1, most)
    return np.minimum(np.bitwise_count(bits) * distance, 60).astype(np.int64)
