"""The columns of one batch: what its frames and their values become before a store takes them.

Here rows are lists until the end; the compiled twin (_columns.pyx) reads plain good frames itself,
straight into memory that Arrow takes over. This one says what comes out.
Tests: tests/hub/test_batch_columns.py.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, Protocol

import pyarrow as pa

from hj212d.journal.record import Record, decode_all
from store.timeseries import FRAMES, SAMPLES

Other = Callable[[int, Record], None]

_FIRST, _LAST = SAMPLES.names.index("rtd"), SAMPLES.names.index("extra")
# What a factor has of its own: its code, its numbers, its texts.
FACTOR_COLUMNS = ("factor", *SAMPLES.names[_FIRST : _LAST + 1])
# What a sample has from its frame.
_FROM_FRAME = ("data_time", "mn", "rf", "received_at", "lane", "position")


class Columns(Protocol):
    """Collects a batch, in the order in which records come, and gives its tables once."""

    def add_block(self, lane: str, position: int, body: bytes, other: Other) -> None:
        """Take the whole records of which ``body`` consists, the first one at ``position``.

        ``other`` gets each record that is not read here, in its turn, and adds what comes of it.
        """

    def add_frame(self, row: tuple[Any, ...], factors: list[list[Any]], period: str) -> None:
        """A row of FRAMES and rows of FACTOR_COLUMNS; times are microseconds.

        What raises has left nothing behind. A value that its column cannot take raises here or
        in ``tables``.
        """

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """FRAMES and SAMPLES."""


class BatchColumns:
    """Columns that leave all records to ``other``."""

    def __init__(self, clock_tolerance_s: float, late_after_s: float) -> None:  # noqa: ARG002
        self._frames: list[tuple[Any, ...]] = []
        self._factors: list[list[Any]] = []
        self._frame_of_factor: list[int] = []
        self._periods: list[str] = []

    def add_block(
        self,
        lane: str,  # noqa: ARG002
        position: int,
        body: bytes,
        other: Other,
    ) -> None:
        """Take whole records."""
        for at, record in decode_all(body):
            other(position + at, record)

    def add_frame(self, row: tuple[Any, ...], factors: list[list[Any]], period: str) -> None:
        """Take a row."""
        self._frame_of_factor += [len(self._frames)] * len(factors)
        self._factors += factors
        self._frames.append(row)
        self._periods.append(period)

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """FRAMES and SAMPLES."""
        frames = table(self._frames, FRAMES)
        return frames, self._samples(frames)

    def _samples(self, frames: pa.Table) -> pa.Table:
        """What the factors of a frame share is written once and spread here: a third of the
        lists that a row of its own for each factor would take."""
        chosen = pa.array(self._frame_of_factor, pa.int64())
        columns = {name: frames[name].take(chosen) for name in _FROM_FRAME}
        columns["period"] = pa.array(self._periods, pa.string()).take(chosen)
        for at, name in enumerate(FACTOR_COLUMNS):
            values = list(map(itemgetter(at), self._factors))
            columns[name] = _column(values, SAMPLES.field(name).type)
        return pa.table([columns[name] for name in SAMPLES.names], schema=SAMPLES)


def table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    """Rows as a table."""
    return pa.table(
        [_column(list(map(itemgetter(at), rows)), field.type) for at, field in enumerate(schema)],
        schema=schema,
    )


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Most columns of a batch are empty: those are not looked through value by value."""
    if values.count(None) == len(values):
        return pa.nulls(len(values), kind)
    return pa.array(values, kind)
