"""Columns of the store's tables from arrays, for benches that feed the hub's rooms directly.

Test: tests/bench/test_alerts_days.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

US = 1_000_000


def time_column(seconds: npt.NDArray[np.generic]) -> pa.Array:
    """A column of moments, from UTC seconds since 1970."""
    us = (np.asarray(seconds, np.float64) * US).astype(np.int64)
    return pa.array(us).cast(pa.timestamp("us"))


def text_column(few: Sequence[str], numbers: npt.NDArray[np.generic]) -> pa.Array:
    """A column of texts: for each row the number of one of a few."""
    indices = pa.array(np.asarray(numbers, np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array(few)).cast(pa.string())


def filled(made: dict[str, pa.Array], schema: pa.Schema, rows: int) -> pa.Table:
    """A table of a schema, with nulls in what is not made."""
    columns = [
        made[field.name] if field.name in made else pa.nulls(rows, field.type) for field in schema
    ]
    return pa.table(columns, schema=schema)
