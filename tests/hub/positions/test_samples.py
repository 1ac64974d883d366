"""Places among the values of a batch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa

from hj212d.hub.positions.samples import told
from store.timeseries import COUNTS, FRAMES, LINKS, SAMPLES, Batch

AT = datetime(2026, 3, 1)
CODES = pa.array(["l01001", "l01002"])


def batch(*rows: dict[str, Any]) -> Batch:
    """Values; a frame stands for all that carried them."""
    frame = dict.fromkeys(FRAMES.names) | {"mn": "A"}
    samples = [
        dict.fromkeys(SAMPLES.names) | {"data_time": AT, "received_at": AT, "period": "realtime"}
        | row
        for row in rows
    ]  # fmt: skip
    return Batch(
        pa.Table.from_pylist([frame], FRAMES),
        pa.Table.from_pylist(samples, SAMPLES),
        LINKS.empty_table(),
        COUNTS.empty_table(),
        {},
    )


def test_the_newest_upload_of_each_device_is_told():
    """Numbers, and texts that are none."""
    later = AT + timedelta(minutes=1)
    found = list(
        told(
            batch(
                {"mn": "A", "factor": "l01001", "rtd": 119.5},
                {"mn": "A", "factor": "l01002", "rtd": 32.5},
                {"mn": "A", "factor": "w01018", "rtd": 12.5},
                {"mn": "A", "factor": "l01001", "rtd": 119.9, "data_time": later},
                {"mn": "A", "factor": "l01002", "avg": 32.48, "data_time": later},
                {"mn": "B", "factor": "l01001", "extra": '{"Rtd":"119.9E"}'},
                {"mn": "B", "factor": "l01002", "extra": '{"Info":"N32.48"}'},
            ),
            CODES,
        )
    )
    assert [(one.mn, one.fields) for one in found] == [
        ("A", {"l01001": "119.9", "l01002": "32.48"}),
        ("B", {"l01001": "119.9E", "l01002": "N32.48"}),
    ]


def test_batches_without_places_and_replays_tell_nothing():
    """Most batches."""
    assert list(told(batch({"mn": "A", "factor": "w01018", "rtd": 1.0}), CODES)) == []
    again = batch({"mn": "A", "factor": "l01001", "rtd": 119.5})
    assert list(told(msgspec.structs.replace(again, replay=True), CODES)) == []
