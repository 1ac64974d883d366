"""Small work on columns."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa

from hj212d.hub.columns import (
    NO_TIME,
    ends,
    grown,
    known_time,
    last_of_each,
    lower_to,
    microseconds,
    raise_to,
)


def test_times_and_no_time() -> None:
    """A null becomes NO_TIME and None again."""
    column = pa.chunked_array([[datetime(1970, 1, 1, 0, 0, 1), None]], pa.timestamp("us"))
    assert [known_time(each) for each in microseconds(column).tolist()] == [1_000_000, None]


def test_room_doubles() -> None:
    """What is there stays, the rest is empty; enough room is left alone."""
    column = np.array([1, 2], np.int64)
    assert grown(column, 3, 9).tolist() == [1, 2, 9, 9]
    assert grown(column, 2, 9) is column


def test_earliest_and_latest() -> None:
    """Several rows may speak of one place; a missing time says nothing."""
    first = np.array([NO_TIME, 5, NO_TIME], np.int64)
    lower_to(first, np.array([0, 0, 1, 1, 2]), np.array([7, 3, 6, NO_TIME, NO_TIME]))
    assert first.tolist() == [3, 5, NO_TIME]
    last = np.array([NO_TIME, 5], np.int64)
    raise_to(last, np.array([0, 0, 1]), np.array([3, 7, NO_TIME]))
    assert last.tolist() == [7, 5]


def test_last_row_of_each_key() -> None:
    """In order of key, the last row of it."""
    assert last_of_each(np.array([5, 1, 5, 1, 3])).tolist() == [3, 4, 2]
    assert last_of_each(np.array([], np.int64)).tolist() == []
    assert ends(np.array([], np.int64)).tolist() == []
