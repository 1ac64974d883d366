"""Marks: which rows cannot be in the store."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from store.clickhouse_marks import Marks

DAY_US = 86_400_000_000
Times = NDArray[np.int64]


def late(marks: Marks, *rows: tuple[str, str, int], received: int = 0) -> list[bool]:
    """Ask for rows (mn, name, time), then mark them."""
    slots, at = _slots(marks, *rows)
    found = marks.late(slots, at)
    marks.mark(slots, at, np.full(len(at), received))
    return found.tolist()


def _slots(marks: Marks, *rows: tuple[str, str, int]) -> tuple[Times, Times]:
    mns, names, at = zip(*rows, strict=True)
    columns = (pa.array(texts).dictionary_encode() for texts in (mns, names))
    return marks.slots(*columns), np.array(at)


def test_what_is_newer_than_all_of_its_pair_is_new() -> None:
    """Each pair has its own mark; an equal time may be a repetition."""
    marks = Marks("frames")
    assert late(marks, ("A", "2011", 5), ("B", "2011", 5), ("A", "2051", 3)) == [False] * 3
    assert late(marks, ("A", "2011", 6), ("B", "2011", 5), ("A", "2051", 4)) == [
        False,
        True,
        False,
    ]
    assert late(marks, ("A", "2011", 6), ("A", "2011", 7)) == [True, False]


def test_a_clock_that_is_ahead_does_not_make_the_rest_late() -> None:
    """2099 is looked up each time, today is not."""
    marks = Marks("frames")
    ahead = 3 * DAY_US
    assert late(marks, ("A", "2011", ahead), received=0) == [False]
    assert late(marks, ("A", "2011", 10), ("A", "2011", ahead), received=10) == [False, True]
    assert late(marks, ("A", "2011", 11), received=11) == [False]


def test_marks_outlive_a_restart() -> None:
    """What was written is what is known again; of another kind nothing is taken."""
    first, second = Marks("frames"), Marks("frames")
    slots, at = _slots(first, ("A", "2011", 5), ("A", "2011", 9 * DAY_US))
    written = first.mark(slots, at, np.array([5, 5]))
    assert written.num_rows == 1
    as_numbers = pa.table(
        {name: written[name] for name in ("mn", "kind", "name")}
        | {name: written[name].cast(pa.int64()) for name in ("newest", "ahead")}
    )
    second.load(as_numbers)
    assert late(second, ("A", "2011", 5), ("A", "2011", 6), ("A", "2011", 9 * DAY_US)) == [
        True,
        False,
        True,
    ]
    third = Marks("samples")
    third.load(as_numbers)
    assert late(third, ("A", "2011", 5)) == [False]


def test_only_what_changed_is_written_and_many_pairs_fit() -> None:
    """A pair that did not move costs no row; there is no limit but memory."""
    marks = Marks("samples")
    slots, at = _slots(marks, *((f"M{number}", "minute", 7) for number in range(5000)))
    received = np.zeros(5000, np.int64)
    assert marks.mark(slots, at, received).num_rows == 5000
    assert marks.mark(slots, at - 1, received).num_rows == 0
    assert marks.mark(slots[:2], at[:2] + 1, received[:2]).num_rows == 2
