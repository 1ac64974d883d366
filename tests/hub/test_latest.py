"""Latest values in columns: what a hostile sender cannot do to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from hj212d.hub.latest import Latest
from store.timeseries import SAMPLES

START = datetime(2026, 1, 1)


def samples(*rows: dict[str, Any]) -> pa.Table:
    """Rows of one moment with what is not given left null."""
    common = {"period": "realtime", "data_time": START, "received_at": START}
    return pa.Table.from_pylist(
        [dict.fromkeys(SAMPLES.names) | common | row for row in rows], SAMPLES
    )


def test_all_values_together_are_bounded() -> None:
    """Above the limit of all stations new factors are refused, known ones still change."""
    latest = Latest(max_factors=10, max_readings=3)
    rows = samples(*({"factor": name, "rtd": 1.0} for name in "abab"))
    assert latest.fold(np.array([0, 0, 1, 1]), rows) == 1
    assert len(latest) == 3
    assert latest.fold(np.array([0, 2]), rows.slice(0, 2).set_column(
        SAMPLES.get_field_index("rtd"), "rtd", pa.array([5.0, 5.0]))) == 1  # fmt: skip
    assert [(reading.factor, reading.value) for reading in latest.of(0)] == [
        ("a", 5.0),
        ("b", 1.0),
    ]
    assert latest.counts(np.array([0, 1, 2, 99])) == [2, 1, 0, 0]


def test_names_that_were_refused_are_forgotten() -> None:
    """Ever new names of factors and flags leave nothing behind; extras stay with their factor."""
    latest = Latest(max_factors=2)
    latest.fold(np.array([0, 0]), samples({"factor": "z", "extra": "text"}, {"factor": "a"}))
    for round_ in range(5):
        rows = [{"factor": f"junk{round_}.{n}", "flag": f"flag{round_}.{n}"} for n in range(1000)]
        assert latest.fold(np.zeros(1000, np.int64), samples(*rows)) == 1000
        latest.fold(
            np.zeros(1000, np.int64),
            samples(*({"factor": "a", "flag": f"F{round_}.{n}"} for n in range(1000))),
        )
    assert len(latest._names) < 2500
    assert len(latest._texts["flag"]) < 2500
    assert [(reading.factor, reading.flag, reading.extra) for reading in latest.of(0)] == [
        ("a", "F4.999", ""),
        ("z", "", "text"),
    ]


def test_an_extra_goes_with_the_row_that_had_it() -> None:
    """The next row without one has none."""
    latest = Latest(max_factors=2)
    latest.fold(np.array([0]), samples({"factor": "a", "extra": "x" * 300}))
    assert latest.of(0)[0].extra == "x" * 200
    latest.fold(np.array([0]), samples({"factor": "a", "rtd": 1.0}))
    assert latest.of(0)[0].extra == ""
    assert not latest._extras
