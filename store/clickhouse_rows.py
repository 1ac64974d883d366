"""Rows of the interface as rows of the tables, and back.

Pure: Arrow and NumPy, no statement. Tests: tests/store/test_clickhouse_rows.py.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.clickhouse_schema import LAG_BIAS, VALUES
from store.timeseries import FRAMES, READINGS

Times = NDArray[np.int64]

SECOND_US = 1_000_000
_TIME = pa.timestamp("us")
_NEWEST_SECOND = 2**32 - 1
REREAD = 1 << 32  # one reading more, in the precedence of a frame
# Above the bits of the lag: how often a key was taken back and given again by a replay.
GENERATION = 1 << 48

_AS_THEY_ARE = (
    "mn",
    "digest",
    "reason",
    "received_at",
    "link",
    "st",
    "cn",
    "qn",
    "data_time",
    "version",
    "flag",
    "pnum",
    "pno",
    "rf",
    "encrypted",
    "repairs",
    "warnings",
    "raw",
)


def times(column: pa.ChunkedArray, nothing: int = 0) -> Times:
    """Microseconds since 1970; ``nothing`` where there is no time."""
    numbers: Times = column.cast(pa.int64()).fill_null(nothing).to_numpy()
    return numbers


def encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column of strings as one array of indices into its distinct strings."""
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    combined = column.unify_dictionaries().combine_chunks()
    if isinstance(combined, pa.ChunkedArray):
        combined = combined.chunk(0) if combined.num_chunks else pa.array([], combined.type)
    return combined


def origins(lanes: pa.DictionaryArray, node: str) -> pa.DictionaryArray:
    """node/lane of each row."""
    names = [f"{node}/{lane}" for lane in lanes.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(lanes.indices, pa.array(names, pa.string()))


def frame_rows(frames: pa.Table, node: str, reread: Times) -> pa.Table:
    """Rows of FRAMES as rows of the table of frames; ``reread``: how often each was read
    again."""
    received = times(frames["received_at"])
    precedence = _NEWEST_SECOND - received // SECOND_US + reread * REREAD
    columns = {name: frames[name] for name in _AS_THEY_ARE}
    columns["key_time"] = pc.coalesce(frames["key_time"], frames["received_at"])
    columns["timed"] = pc.is_valid(frames["key_time"])
    columns["origin"] = origins(encoded(frames["lane"]), node)
    columns["place"] = frames["position"]
    columns["precedence"] = pa.array(precedence, pa.uint64())
    return pa.table(columns)


def lags(data_time: Times, received: Times) -> Times:
    """Whole seconds from the time of the data to receipt, as they stand in the table."""
    return received // SECOND_US - data_time // SECOND_US + LAG_BIAS


def sample_rows(
    samples: pa.Table, node: str, lanes: pa.DictionaryArray, versions: Times
) -> pa.Table:
    """Rows of SAMPLES as rows of the table of samples. ``versions``: their lags, with the
    generation in the high bits."""
    received = times(samples["received_at"])
    columns = {
        name: samples[name]
        for name in ("mn", "factor", "period", "data_time", *VALUES, "flag", "e_flag", "extra")
    }
    columns["rf"] = samples["rf"]
    columns["lag"] = pa.array(versions, pa.uint64())
    columns["rest_us"] = pa.array(received % SECOND_US, pa.uint32())
    columns["origin"] = origins(lanes, node)
    columns["place"] = samples["position"]
    return pa.table(columns)


def readings(found: pa.Table) -> pa.Table:
    """What a query on samples found, as rows of READINGS."""
    data_time = times(found["data_time"])
    lag = found["lag"].to_numpy() % GENERATION
    seconds = data_time // SECOND_US + lag.astype(np.int64) - LAG_BIAS
    columns = {name: found[name] for name in READINGS.names if name in found.column_names}
    for name in VALUES:
        value = found[name]
        missing = pc.is_nan(value)
        if pc.all(missing, min_count=0).as_py():
            columns[name] = pa.chunked_array([pa.nulls(len(value), pa.float64())])
        else:
            columns[name] = pc.if_else(missing, None, value)
    columns["data_time"] = pa.array(data_time).cast(_TIME)
    columns["received_at"] = pa.array(seconds * SECOND_US).cast(_TIME)
    return _as(columns, READINGS)


def frames(found: pa.Table) -> pa.Table:
    """What a query on frames found, as rows of FRAMES."""
    columns = {name: found[name] for name in FRAMES.names if name in found.column_names}
    columns["position"] = found["place"]
    columns["lane"] = pa.array(
        [origin.rpartition("/")[2] for origin in found["origin"].to_pylist()], pa.string()
    )
    key_time = found["key_time"].cast(pa.int64())
    columns["key_time"] = pc.if_else(found["timed"], key_time, None)
    return _as(columns, FRAMES)


def _as(columns: dict[str, pa.ChunkedArray], schema: pa.Schema) -> pa.Table:
    made = []
    for field in schema:
        column = columns[field.name]
        if field.type == _TIME:
            # The engine says "UTC" with each time; here all times are.
            column = column.cast(pa.int64()).cast(_TIME)
        elif pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        made.append(column.cast(field.type))
    return pa.table(made, schema=schema)
