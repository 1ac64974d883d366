"""MNs, factors and periods of a batch as the numbers that the tables hold.

A name gets its number in the transaction of the batch that first brings it; numbers are never
given back. Names come from the field: someone who invents MNs or factor codes makes these two
tables grow by a row a name, far less than the frames that carried it. Works on the different
names of a batch, not on its rows. Tests: tests/store/test_timeseries_weather.py.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from store.duckdb_schema import STORED_FRAMES, STORED_SAMPLES

Ids = NDArray[np.int32]
Codes = NDArray[np.int64]

# Up to here a table of all pairs is quicker than sorting the pairs of a batch.
_MOST_PAIRS = 1 << 22

_NEW_MNS = """
    INSERT INTO mns
    SELECT (SELECT coalesce(max(device), 0) FROM mns) + row_number() OVER (ORDER BY place), mn
    FROM wanted ANTI JOIN mns USING (mn)
"""
_MNS = "SELECT place, device AS id FROM wanted JOIN mns USING (mn)"
_NEW_CHANNELS = """
    INSERT INTO channels
    SELECT (SELECT coalesce(max(channel), 0) FROM channels) + row_number() OVER (ORDER BY place),
        factor, period
    FROM wanted ANTI JOIN channels USING (factor, period)
"""
_CHANNELS = "SELECT place, channel AS id FROM wanted JOIN channels USING (factor, period)"


class Words:
    """A column of text as a list of different words and a code for each row."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        whole = column.combine_chunks()
        if isinstance(whole, pa.ChunkedArray):  # of a dictionary, an empty column stays chunked
            whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], "string")
        if not pa.types.is_dictionary(whole.type):
            whole = whole.dictionary_encode()
        self.words = whole.dictionary.cast(pa.string())
        self.codes: Codes = whole.indices.to_numpy(zero_copy_only=False).astype(np.int64)

    def used(self) -> NDArray[np.intp]:
        """Codes that occur: a dictionary may hold words of other batches."""
        seen = np.zeros(len(self.words), bool)
        seen[self.codes] = True
        return np.flatnonzero(seen)


def numbered_frames(connection: duckdb.DuckDBPyConnection, frames: pa.Table) -> pa.Table:
    """Rows of FRAMES with the device's number in the place of its MN."""
    devices = pa.array(_devices(connection, Words(frames["mn"])))
    return pa.table(
        [devices if name == "device" else frames[name] for name in STORED_FRAMES.names],
        names=STORED_FRAMES.names,
    )


def numbered_samples(connection: duckdb.DuckDBPyConnection, samples: pa.Table) -> pa.Table:
    """Rows of SAMPLES with numbers in the place of MN, factor and period."""
    factors, periods = Words(samples["factor"]), Words(samples["period"])
    made = {
        "device": pa.array(_devices(connection, Words(samples["mn"]))),
        "channel": pa.array(_channels(connection, factors, periods)),
    }
    return pa.table(
        [made[name] if name in made else samples[name] for name in STORED_SAMPLES.names],
        names=STORED_SAMPLES.names,
    )


def _devices(connection: duckdb.DuckDBPyConnection, mns: Words) -> Ids:
    used = mns.used()
    ids = _ids(connection, _NEW_MNS, _MNS, {"mn": mns.words.take(pa.array(used))})
    return _spread(ids, used, len(mns.words))[mns.codes]


def _channels(connection: duckdb.DuckDBPyConnection, factors: Words, periods: Words) -> Ids:
    width = max(1, len(periods.words))
    pairs = factors.codes * width + periods.codes
    room = len(factors.words) * width
    if room <= _MOST_PAIRS:
        seen = np.zeros(room, bool)
        seen[pairs] = True
        used = np.flatnonzero(seen)
        places = pairs
    else:
        used, places = np.unique(pairs, return_inverse=True)
    wanted = {
        "factor": factors.words.take(pa.array(used // width)),
        "period": periods.words.take(pa.array(used % width)),
    }
    ids = _ids(connection, _NEW_CHANNELS, _CHANNELS, wanted)
    channels: Ids = _spread(ids, used, room)[places] if places is pairs else ids[places]
    return channels


def _ids(
    connection: duckdb.DuckDBPyConnection, add: str, find: str, names: dict[str, pa.Array]
) -> Ids:
    """Numbers of the names, in their order; new ones are given to those that have none."""
    count = len(next(iter(names.values())))
    wanted = pa.table({"place": pa.array(np.arange(count)), **names})
    connection.register("wanted", wanted)
    found: dict[str, Any] = connection.execute(find).fetchnumpy()
    if len(found["place"]) < count:
        connection.execute(add)
        found = connection.execute(find).fetchnumpy()
    ids = np.empty(count, np.int32)
    ids[found["place"]] = found["id"]
    return ids


def _spread(ids: Ids, at: NDArray[np.intp], room: int) -> Ids:
    spread = np.zeros(room, np.int32)
    spread[at] = ids
    return spread
