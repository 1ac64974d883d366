"""A record that our own code fails on stops nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from column_kinds import KINDS, Columns
from hub_rig import MN, upload

from hj212d.hub.assemble import Assembler, Entry
from hj212d.hub.reread import Rereader
from hj212d.journal.reader import Piece
from hj212d.journal.record import Kind, Record, encode
from hj212d.wire.frame import Device, Frame
from hj212d.wire.tolerances import Tolerance

READ = Rereader(lambda _: Device()).as_recorded
# A frame with a mark is left to Python.
MARK = int(Tolerance.HEADER_ORDER)

MadeOf = Callable[[float], Columns]


def entry(position: int, record: Record) -> Entry:
    """A piece of lane 0 with one record."""
    return "0", Piece(position, 1, encode(record))


def entries(*rtds: str) -> list[Entry]:
    """Good frames with these values, positions 0, 1, ..."""
    return [
        entry(at, Record(Kind.FRAME, 1, 1, marks=MARK, raw=upload(rtd=rtd)))
        for at, rtd in enumerate(rtds)
    ]


def fails_on(rtd: bytes, columns: MadeOf) -> Assembler:
    """An assembler whose reading raises for frames with this value."""

    def read(record: Record) -> Frame:
        if rtd in record.raw:
            raise ZeroDivisionError("a bug of ours")
        return READ(record)

    return Assembler(read, columns)


@pytest.mark.parametrize("columns", KINDS)
def test_what_raises_while_it_is_read_goes_in_as_bytes(
    columns: MadeOf, caplog: pytest.LogCaptureFixture
) -> None:
    """The record keeps bytes, verdict and MN, has a warning and no samples; the others are as
    ever; one line of log for two records."""
    assembler = fails_on(b"Rtd=6", columns)
    values = ("1", "66", "2", "67")
    with caplog.at_level(logging.ERROR):
        batch = assembler.batch(entries(*values), {"0": 4}, clock_tolerance_s=1e12)
    assert batch.frames["raw"].to_pylist() == [upload(rtd=rtd) for rtd in values]
    assert batch.frames["warnings"].to_pylist() == ["", "ingest_error", "", "ingest_error"]
    assert batch.frames["reason"].to_pylist() == ["ok"] * 4
    assert batch.frames["mn"].to_pylist() == [MN] * 4
    assert batch.frames["key_time"].null_count == 2
    assert batch.samples["rtd"].to_pylist() == [1.0, 2.0]
    assert assembler.errors == 2
    assert len(caplog.records) == 1
    assert "position=1" in caplog.text
    assert "a bug of ours" in caplog.text


@pytest.mark.parametrize(
    ("field", "value"), [("flag", 70000), ("pnum", 2**40), ("mn", "\ud800"), ("qn_time_us", 2**70)]
)
@pytest.mark.parametrize("columns", KINDS)
def test_what_no_column_takes_goes_in_as_bytes(columns: MadeOf, field: str, value: object) -> None:
    """A value that only the making of the tables refuses does not take the batch with it."""

    def read(record: Record) -> Frame:
        frame = READ(record)
        if b"Rtd=6" in record.raw:
            setattr(frame, field, value)
            frame.data_time_us = None
        return frame

    assembler = Assembler(read, columns)
    batch = assembler.batch(
        entries("1", "6", "2"), {}, clock_tolerance_s=1e12, warnings=[("A", "noted")]
    )
    assert batch.frames["warnings"].to_pylist() == ["", "ingest_error", ""]
    assert batch.frames["position"].to_pylist() == [0, 1, 2]
    assert batch.samples["rtd"].to_pylist() == [1.0, 2.0]
    assert assembler.errors == 1
    counted = {tuple(row.values()) for row in batch.counts.to_pylist()}
    assert {("A", "warning", "noted", 1), (MN, "warning", "ingest_error", 1)} <= counted


@pytest.mark.parametrize(
    "record",
    [
        Record(200, 1, 1, meta=b"of a later program"),
        Record(Kind.FRAME, 1, 1, verdict=9999, marks=2**31, raw=b"\xff"),
        Record(Kind.LINK_OPENED, 1, 1, meta=b"no json"),
    ],
)
def test_records_of_unknown_make_are_kept(record: Record) -> None:
    """What this program does not know is a row with a warning."""
    batch = Assembler(READ).batch([entry(5, record)], {}, clock_tolerance_s=1.0)
    [row] = batch.frames.to_pylist()
    assert (row["position"], row["raw"], row["warnings"]) == (5, record.raw, "ingest_error")
