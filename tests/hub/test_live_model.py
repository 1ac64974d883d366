"""The columns of the live picture against plain objects, over any batches."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from live_model import Model

from hj212d.hub.live import Live
from hj212d.hub.times import iso
from store.timeseries import COUNTS, FRAMES, LINKS, SAMPLES, Batch

START = datetime(2026, 1, 1)
START_US = 1_767_225_600_000_000
MAX_MNS = 3
MAX_FACTORS = 2

_MNS = st.sampled_from(["A", "B", "C", "D", ""])
_SECONDS = st.sampled_from([0, 1, 2, 3, 90_000])


def _us(seconds: int) -> int:
    return START_US + seconds * 1_000_000


_FRAME_ROWS = st.builds(
    lambda mn, reason, kind, version, received, data: {
        "mn": mn,
        "reason": reason,
        "st": kind,
        "version": version,
        "received_at": _us(received),
        "data_time": None if data is None else _us(data),
    },
    _MNS,
    st.sampled_from(["ok", "ok", "crc_wrong"]),
    st.sampled_from(["32", "91", "", None]),
    st.sampled_from(["2017", "2025", ""]),
    _SECONDS,
    st.none() | _SECONDS,
)
_SAMPLE_ROWS = st.builds(
    lambda mn, factor, received, data, values, texts: {
        **dict.fromkeys(SAMPLES.names),
        "mn": mn,
        "factor": factor,
        "period": "realtime",
        "received_at": _us(received),
        "data_time": _us(data),
        **values,
        **texts,
    },
    _MNS,
    st.sampled_from("fgh"),
    _SECONDS,
    _SECONDS,
    st.dictionaries(st.sampled_from(["rtd", "avg", "min"]), st.floats(-9, 9), max_size=2),
    st.dictionaries(
        st.sampled_from(["flag", "e_flag", "extra"]), st.sampled_from(["", "N", "x" * 300])
    ),
)
_COUNT_ROWS = st.builds(
    lambda mn, what, n: {"mn": mn, "what": what[0], "name": what[1], "n": n},
    _MNS,
    st.sampled_from(
        [("frames", ""), ("duplicates", ""), ("reason", "crc_wrong"), ("reason", "ok"),
         ("repair", "crc_short"), ("warning", "clock_ahead")]
    ),
    st.integers(1, 9),
)  # fmt: skip
_BATCHES = st.lists(
    st.tuples(
        st.lists(_FRAME_ROWS, max_size=6),
        st.lists(_SAMPLE_ROWS, max_size=12),
        st.lists(_COUNT_ROWS, max_size=6),
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(_BATCHES)
def test_columns_agree_with_plain_objects(batches: list[Any]) -> None:
    """Every fact, value and refusal is the same, whatever came in whatever order."""
    picture = Live(offline_after_s=900.0, max_mns=MAX_MNS, max_factors=MAX_FACTORS)
    model = Model(MAX_MNS, MAX_FACTORS)
    for frames, samples, counts in batches:
        picture.observe(_batch(frames, samples, counts))
        for frame in frames:
            model.note_frame(frame)
        model.note_samples(samples)
        for count in counts:
            model.note_count(count)
    assert list(picture.facts().mns) == list(model.stations)
    assert picture.refused["factors"] == model.refused_factors
    assert bool(picture.refused["mns"]) == model.refused_mns
    rows = picture.rows(list(model.stations), START_US)
    for row, (mn, station) in zip(rows, model.stations.items(), strict=True):
        assert row == {
            "mn": mn,
            "st": station.st,
            "version": station.version,
            "state": "offline" if station.last_seen is None else "online",
            "first_seen": iso(station.first_seen),
            "last_seen": iso(station.last_seen),
            "last_data_time": iso(station.last_data_time),
            **station.totals,
            "reasons": station.labels["reason"],
            "repairs": station.labels["repair"],
            "factors": len(station.readings),
        }
        assert picture.readings(mn) == [
            {**reading, "data_time": iso(reading["data_time"]),
             "received_at": iso(reading["received_at"])}
            for _, (_, reading) in sorted(station.readings.items())
        ]  # fmt: skip


def _batch(frames: list[Any], samples: list[Any], counts: list[Any]) -> Batch:
    return Batch(
        _table(frames, FRAMES),
        _table(samples, SAMPLES),
        LINKS.empty_table(),
        _table(counts, COUNTS),
        {},
    )


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    blank = dict.fromkeys(schema.names)
    full = [blank | {name: _moment(value) for name, value in row.items()} for row in rows]
    return pa.Table.from_pylist(full, schema)


def _moment(value: Any) -> Any:
    """Microseconds as Arrow takes them."""
    if isinstance(value, int) and value >= START_US:
        return START + timedelta(microseconds=value - START_US)
    return value
