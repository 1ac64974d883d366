"""Minute data (CN 2051) of a made-up county, as batches for a store, built column by column.

Each value follows the hour of the day with noise on it and has the decimals of its factor; it
comes seconds after its minute in a frame of its station, whose text says the same. The same
arguments give the same data. Test: tests/bench/test_bench_store.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.timeseries import COUNTS, FRAMES, LINKS, SAMPLES, Batch

# Factor -> middle of its values and decimals.
FACTORS = {
    "a21026": (18.0, 2),
    "a21002": (42.0, 2),
    "a34013": (4.2, 3),
    "a19001": (11.8, 2),
    "a01012": (96.0, 1),
    "a01013": (-120.0, 1),
    "a01011": (9.6, 2),
    "a01014": (8.1, 2),
    "w01001": (7.4, 2),
    "w01018": (36.0, 1),
    "w21003": (1.2, 3),
    "w00000": (28.0, 2),
}
MINUTE_S = 60
_DAY_S = 86_400
_EPOCH = datetime(1970, 1, 1)
_TIME = pa.timestamp("us")


def mn(station: int) -> str:
    """MN of a station; stations of other counties have larger numbers."""
    return f"3502000000{station:014d}"


class Minutes:
    """Batches of all stations, minute after minute from ``start`` (UTC) on.

    ``first`` is the number of the first station. Positions in the journal go on from batch to
    batch of one object.
    """

    def __init__(self, start: datetime, stations: int, *, first: int = 0, seed: int = 212) -> None:
        self.stations = stations
        self._second = int((start - _EPOCH).total_seconds())
        self._mns = pa.array([mn(first + number) for number in range(stations)])
        self._random = np.random.default_rng([seed, first])
        self._frames = 0
        self.lane = str(first)

    @property
    def now(self) -> datetime:
        """The minute that comes next."""
        return _EPOCH + timedelta(seconds=self._second)

    def batches(self, minutes: int, *, at_once: int) -> Iterator[Batch]:
        """The next minutes, ``at_once`` in a batch."""
        for done in range(0, minutes, at_once):
            yield self.batch(min(at_once, minutes - done))

    def batch(self, minutes: int) -> Batch:
        """The next minutes of all stations."""
        stations = self.stations
        count = minutes * stations
        seconds = np.repeat(self._second + MINUTE_S * np.arange(minutes), stations)
        self._second += MINUTE_S * minutes
        texts = [
            pa.array(self._values(seconds, middle, decimals))
            for middle, decimals in FACTORS.values()
        ]
        frames = self._frame_table(seconds, np.tile(np.arange(stations), minutes), texts)
        self._frames += count
        return Batch(
            frames=frames,
            samples=_sample_table(frames, texts),
            links=LINKS.empty_table(),
            counts=_counts(frames),
            cursors={self.lane: self._frames},
        )

    def _values(
        self, seconds: NDArray[np.int64], middle: float, decimals: int
    ) -> NDArray[np.float64]:
        swing = 0.3 * np.sin(2 * np.pi * seconds / _DAY_S)
        noise = 0.03 * self._random.standard_normal(len(seconds))
        return np.round(middle * (1 + swing + noise), decimals)

    def _frame_table(
        self, seconds: NDArray[np.int64], stations: NDArray[np.int64], values: list[pa.Array]
    ) -> pa.Table:
        count = len(seconds)
        delay_us = self._random.integers(1_000_000, 12_000_000, count)
        received = pa.array(seconds * 1_000_000 + delay_us).cast(_TIME)
        times = pa.array(seconds * 1_000_000).cast(_TIME)
        beijing = pa.array((seconds + 8 * 3600) * 1_000_000).cast(_TIME)
        mns = self._mns.take(pa.array(stations))
        digits = pc.strftime(beijing, format="%Y%m%d%H%M")
        qns = pc.binary_join_element_wise(digits, pa.scalar("05000"), "")
        columns = {
            "received_at": received,
            "lane": _same(self.lane, count),
            "position": pa.array(self._frames + np.arange(count)),
            "link": pa.array(stations.astype(np.uint64)),
            "mn": mns,
            "st": _same("31", count),
            "cn": _same("2051", count),
            "qn": qns,
            "data_time": times,
            "version": _same("2017", count),
            "flag": pa.array(np.full(count, 5, np.int16)),
            "rf": pa.array(np.zeros(count, bool)),
            "encrypted": pa.array(np.zeros(count, bool)),
            "reason": _same("ok", count),
            "repairs": _same("", count),
            "warnings": _same("", count),
            "key_time": times,
            "digest": pa.array(self._random.integers(0, 2**63, count).astype(np.uint64)),
            "raw": _raw(qns, mns, digits, values),
        }
        return _table(FRAMES, columns, count)


def _raw(qns: pa.Array, mns: pa.Array, digits: pa.Array, values: list[pa.Array]) -> pa.Array:
    """The frames' bytes; length and CRC are those of no frame in particular."""
    parts: list[pa.Array | pa.Scalar] = [pa.scalar("##0720QN="), qns]
    parts += [pa.scalar(";ST=31;CN=2051;PW=123456;MN="), mns, pa.scalar(";Flag=5;CP=&&DataTime=")]
    parts += [digits, pa.scalar("00")]
    for factor, column in zip(FACTORS, values, strict=True):
        parts += [pa.scalar(f";{factor}-Avg="), column.cast(pa.string())]
        parts += [pa.scalar(f",{factor}-Flag=N")]
    return pc.binary_join_element_wise(*parts, pa.scalar("&&A1C0\r\n"), "").cast(pa.binary())


def _sample_table(frames: pa.Table, values: list[pa.Array]) -> pa.Table:
    count, width = frames.num_rows, len(FACTORS)
    spread = pa.array(np.repeat(np.arange(count), width))
    columns = {
        name: frames[name].take(spread)
        for name in ("data_time", "mn", "received_at", "lane", "position", "rf")
    }
    columns["factor"] = pa.array(list(FACTORS)).take(pa.array(np.tile(np.arange(width), count)))
    columns["period"] = _same("minute", count * width)
    columns["flag"] = _same("N", count * width)
    columns["avg"] = pa.array(np.stack([column.to_numpy() for column in values], axis=1).ravel())
    return _table(SAMPLES, columns, count * width)


def _counts(frames: pa.Table) -> pa.Table:
    """What the hub would count: frames by MN."""
    found = pc.value_counts(frames["mn"])
    mns, numbers = found.field("values"), found.field("counts")
    columns = {"mn": mns, "what": _same("frames", len(mns)), "name": _same("", len(mns))}
    return _table(COUNTS, {**columns, "n": numbers}, len(mns))


def _table(schema: pa.Schema, columns: dict[str, pa.Array], count: int) -> pa.Table:
    arrays = [
        columns[field.name] if field.name in columns else pa.nulls(count, field.type)
        for field in schema
    ]
    return pa.table(arrays, names=schema.names).cast(schema)


def _same(text: str, count: int) -> pa.Array:
    return pa.array([text]).take(pa.array(np.zeros(count, np.int64)))
