"""Rows of the interface into rows of the tables."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
from batches import NOON, batch, frame, sample

from store.clickhouse_rows import encoded, frame_rows, lags, origins, sample_rows, times
from store.clickhouse_schema import LAG_BIAS


def test_a_frame_without_time_is_told_from_one_at_its_receipt() -> None:
    """Both stand at a time; only one of them has it."""
    received = NOON + timedelta(seconds=1)
    made = frame_rows(
        batch([frame(1, data_time=None), frame(2, data_time=received)]).frames,
        "node",
        np.zeros(2, np.int64),
    )
    assert made["timed"].to_pylist() == [False, True]
    assert made["key_time"].to_pylist() == [received, received]


def test_the_first_received_comes_first_unless_read_again() -> None:
    """Precedence falls with the time of receipt and rises with each reading."""
    later = frame(2, received_at=NOON + timedelta(seconds=2))
    made = frame_rows(
        batch([frame(1), later, later]).frames, "node", np.array([0, 0, 1], np.int64)
    )
    first, second, again = made["precedence"].to_pylist()
    assert second < first < again


def test_lags_are_whole_seconds_and_never_negative() -> None:
    """Clocks of 1970 and 2099 included; the microseconds are beside."""
    received = NOON + timedelta(microseconds=1_900_000)
    one = frame(1, received_at=received)
    clocks = [NOON, datetime(1970, 1, 1), datetime(2099, 1, 1)]
    table = batch([one], [sample(one, 1.0, data_time=at) for at in clocks]).samples
    found = lags(times(table["data_time"]), times(table["received_at"]))
    assert found[0] == LAG_BIAS + 1
    assert all(lag > 0 for lag in found)
    made = sample_rows(table, "node", encoded(table["lane"]), found)
    assert made["rest_us"].to_pylist() == [900_000] * 3
    assert made["origin"].to_pylist() == ["node/0"] * 3


def test_strings_are_encoded_over_chunks() -> None:
    """A column in pieces, with dictionaries of their own, has one dictionary afterwards."""
    pieces = pa.chunked_array([pa.array(["a", "b"]), pa.array(["b", "c"])])
    assert encoded(pieces).to_pylist() == ["a", "b", "b", "c"]
    again = pa.chunked_array([piece.dictionary_encode() for piece in pieces.chunks])
    assert encoded(again).to_pylist() == ["a", "b", "b", "c"]
    assert origins(encoded(again), "n").to_pylist() == ["n/a", "n/b", "n/b", "n/c"]
    assert len(encoded(pa.chunked_array([], pa.string()))) == 0
