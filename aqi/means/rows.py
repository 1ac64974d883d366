"""Rows of means as tables, and how they are put together from arrays.

The columns are those of the store's derived rows but level, revision and as_of, which are the
hub's affair. Tests: tests/aqi/means/test_hour.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from aqi.means.marks import MARKS

ROWS = pa.schema(
    [
        ("start", pa.timestamp("us")),
        ("mn", pa.string()),
        ("factor", pa.string()),
        ("stat", pa.string()),
        ("value", pa.float64()),
        ("min", pa.float64()),
        ("max", pa.float64()),
        ("n", pa.int32()),
        ("need", pa.int32()),
        ("mark", pa.string()),
        ("source", pa.string()),
        ("reported", pa.float64()),
        ("computed", pa.float64()),
    ]
)
ORDER = [
    ("start", "ascending"),
    ("mn", "ascending"),
    ("factor", "ascending"),
    ("stat", "ascending"),
]

MARK_NAMES = tuple(MARKS)
MARK = {name: np.int8(number) for number, name in enumerate(MARK_NAMES)}
SOURCES = ("", "reported", "realtime", "minute", "hour", "day")
SOURCE = {name: np.int8(number) for number, name in enumerate(SOURCES)}

Array = npt.NDArray[Any]


def rows_of(
    start: Array, mn: pa.Array, factor: pa.Array, stat: str | pa.Array, **columns: Array
) -> pa.Table:
    """A table of ROWS; nan is null, marks and sources are numbers of the lists above."""
    n = len(start)
    arrays: dict[str, Any] = {
        "start": pa.array(start, pa.int64()).cast(pa.timestamp("us")),
        "mn": mn,
        "factor": factor,
        "stat": pa.array([stat], pa.string()).take(pa.array(np.zeros(n, np.int8)))
        if isinstance(stat, str)
        else stat,
    }
    for name in ("value", "min", "max", "reported", "computed"):
        arrays[name] = pa.array(columns[name], pa.float64(), from_pandas=True)
    for name in ("n", "need"):
        arrays[name] = pa.array(columns[name].astype(np.int32))
    arrays["mark"] = pa.array(MARK_NAMES, pa.string()).take(pa.array(columns["mark"]))
    arrays["source"] = pa.array(SOURCES, pa.string()).take(pa.array(columns["source"]))
    return pa.table([arrays[name] for name in ROWS.names], schema=ROWS)


def floats(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    """A column of numbers; null is nan."""
    column = table[name]
    if not pa.types.is_float64(column.type):
        column = pc.cast(column, pa.float64())
    return np.asarray(column.to_numpy())


def integers(table: pa.Table, name: str) -> npt.NDArray[np.int64]:
    """A column of numbers without null, or moments in microseconds; null is 0."""
    column = table[name]
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    if column.null_count:
        column = pc.fill_null(column, 0)
    return np.asarray(column.to_numpy()).astype(np.int64)


def sorted_rows(tables: list[pa.Table]) -> pa.Table:
    """All of them in order of start, mn, factor, stat."""
    return pa.concat_tables([ROWS.empty_table(), *tables]).sort_by(ORDER)
