"""Which rows of a batch may have a counterpart: the others need no look-up at all.

For each device and kind (the CN of frames, the period of samples) a table of marks holds the
newest time that was ever written, near and far apart. A row later than these, whose time no other
row of its kind in the batch has, is new. In ordinary weather that is every row. Marks are raised
in the transaction of the batch and never lowered: one that is too high costs a look-up, no truth.
Tests: tests/store/test_timeseries_weather.py.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from store.duckdb_names import Codes, Ids, Words

Times = NDArray[np.int64]  # UTC microseconds since 1970, or NO_TIME
Chosen = NDArray[np.bool_]

NO_TIME: int = np.iinfo(np.int64).min

_KNOWN = """
    SELECT
        place,
        coalesce(epoch_us(old.near), $no) AS near,
        coalesce(epoch_us(old.far), $no) AS far
    FROM new_marks JOIN {table} AS old USING (device, kind)
"""
_RAISE = """
    MERGE INTO {table} AS old USING new_marks AS new
    ON old.device = new.device AND old.kind = new.kind
    WHEN MATCHED AND (new.near > coalesce(old.near, new.near - INTERVAL 1 SECOND)
        OR new.far > coalesce(old.far, new.far - INTERVAL 1 SECOND))
    THEN UPDATE SET near = greatest(old.near, new.near), far = greatest(old.far, new.far)
    WHEN NOT MATCHED THEN INSERT VALUES (new.device, new.kind, new.near, new.far)
"""


def microseconds(column: pa.ChunkedArray) -> Times:
    """A column of timestamps as numbers."""
    numbers: Times = column.cast(pa.int64()).fill_null(NO_TIME).to_numpy()
    return numbers


class Doubts(NamedTuple):
    """For each row: whether another row of the batch may have its key, or a stored row may."""

    twice: Chosen
    near: Chosen
    far: Chosen


def doubts(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    devices: Ids,
    kinds: Codes,
    names: Words,
    times: Times,
    near: Chosen,
) -> Doubts:
    """Rows that must be looked up; the marks in ``table`` are raised to hold all rows.

    ``kinds`` are codes of the words in ``names``; all arrays have an item a row, none is NO_TIME.
    """
    found = Doubts(*(np.zeros(len(times), bool) for _ in Doubts._fields))
    if not len(times):
        return found
    width = len(names.words)
    group = devices.astype(np.int64) * width + kinds
    order = np.lexsort((times, group))
    group, time, is_near = group[order], times[order], near[order]
    begins = np.append(True, group[1:] != group[:-1])
    again = np.append(False, ~begins[1:] & (time[1:] == time[:-1]))
    starts = np.flatnonzero(begins)
    groups = group[starts]
    newest = pa.table(
        {
            "place": pa.array(np.arange(len(starts))),
            "device": pa.array((groups // width).astype(np.int32)),
            "kind": names.words.take(pa.array(groups % width)),
            "near": _newest(time, is_near, starts),
            "far": _newest(time, ~is_near, starts),
        }
    )
    connection.register("new_marks", newest)
    known: dict[str, Any] = connection.execute(
        _KNOWN.format(table=table), {"no": NO_TIME}
    ).fetchnumpy()
    connection.execute(_RAISE.format(table=table))
    place = np.cumsum(begins) - 1
    found.twice[order] = again | np.append(again[1:], False)
    for mark, doubtful in (("near", found.near), ("far", found.far)):
        newest_known = np.full(len(starts), NO_TIME)
        newest_known[known["place"]] = known[mark]
        doubtful[order] = time <= newest_known[place]
    return found


def _newest(time: Times, counted: Chosen, starts: NDArray[np.intp]) -> pa.Array:
    """Of each group the newest time of the rows that count; null where none does."""
    newest = np.maximum.reduceat(np.where(counted, time, NO_TIME), starts)
    return pa.array(newest, mask=newest == NO_TIME).cast(pa.timestamp("us"))
