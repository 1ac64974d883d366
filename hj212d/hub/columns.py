"""Small work on NumPy columns that the tables of the live picture share: times, room, merging.

Tests: tests/hub/test_columns.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Times = NDArray[np.int64]  # UTC microseconds since 1970, or NO_TIME
Places = NDArray[np.intp]

NO_TIME: int = np.iinfo(np.int64).min
_MOST_TIME: int = np.iinfo(np.int64).max


def microseconds(column: pa.ChunkedArray) -> Times:
    """A column of timestamps in microseconds; NO_TIME where it is null."""
    numbers: Times = column.cast(pa.int64()).fill_null(NO_TIME).to_numpy()
    return numbers


def known_time(time_us: int) -> int | None:
    """One time out of a column."""
    return None if time_us == NO_TIME else time_us


def grown(column: NDArray[Any], rows: int, empty: int) -> NDArray[Any]:
    """The column with room for ``rows``: itself, or a copy of twice the size."""
    if rows <= len(column):
        return column
    more = np.full(max(rows, 2 * len(column)), empty, column.dtype)
    more[: len(column)] = column
    return more


def lower_to(column: Times, at: Places, times: Times) -> None:
    """Keep the earlier of what is there and the new time; NO_TIME says nothing."""
    given = times != NO_TIME
    at, times = at[given], times[given]
    first = np.where(column[at] == NO_TIME, _MOST_TIME, column[at])
    column[at] = first
    np.minimum.at(column, at, times)


def raise_to(column: Times, at: Places, times: Times) -> None:
    """Keep the later of what is there and the new time."""
    np.maximum.at(column, at, times)


def last_of_each(keys: NDArray[np.int64]) -> Places:
    """The last row of each different key, in order of key."""
    by_key = np.argsort(keys, kind="stable")
    return by_key[ends(keys[by_key])]


def ends(ordered: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a row of an ordered column is the last of its value."""
    return np.append(ordered[1:] != ordered[:-1], True)[: len(ordered)]
