"""What the tests of the feed share: frames of the field, journals, both makes of the twins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hub_rig import MN

from hj212d.hub.forward import acks, baling, dedup
from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.feed import Feed
from hj212d.hub.forward.rules import Rules
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.journal.record import Kind, Record, encode
from hj212d.journal.writer import LaneWriter
from hj212d.wire import build

try:
    from hj212d.hub.forward import _bales as compiled
except ImportError:
    compiled = None  # type: ignore[assignment]

# 2026-06-01 12:00 in Beijing.
NOON_US = 1_780_286_400_000_000

NOT_COMPILED = pytest.mark.skipif(compiled is None, reason="the compiled bales are not built")
RECENTS = [
    pytest.param(dedup.Recent, id="python"),
    pytest.param(compiled and compiled.Recent, id="compiled", marks=NOT_COMPILED),
]
FINDS = [
    pytest.param(acks.find, id="python"),
    pytest.param(compiled and compiled.find, id="compiled", marks=NOT_COMPILED),
]
BALERS = [
    pytest.param((baling.Baler, dedup.Recent), id="python"),
    pytest.param(
        (compiled and compiled.Baler, compiled and compiled.Recent),
        id="compiled",
        marks=NOT_COMPILED,
    ),
]


def settings(**keys: Any) -> ForwardSettings:
    """A target."""
    return ForwardSettings(name="upper", host="127.0.0.1", port=9000, **keys)


def rules(**keys: Any) -> Rules:
    """What a target with these keys gets."""
    return Rules(settings(**keys))


def frame(number: int = 0, mn: str = MN, **fields: Any) -> bytes:
    """A good frame of 2017 as it is journaled; its number is in QN and DataTime."""
    clock = f"20260601{number // 3600 % 24:02d}{number // 60 % 60:02d}{number % 60:02d}"
    usual = {
        "qn": f"{clock}{number % 1000:03d}",
        "st": "32",
        "cn": "2011",
        "pw": "123456",
        "mn": mn,
        "flag": 5,
        "cp": f"DataTime={clock};w01018-Rtd={number},w01018-Flag=N",
    }
    return build.frame(build.segment(**(usual | fields))).removesuffix(b"\r\n")


def received(raw: bytes, time_us: int = NOON_US, **fields: Any) -> Record:
    """The record of a good frame."""
    return Record(Kind.FRAME, time_us, 7, raw=raw, **fields)


def body(records: Iterable[Record]) -> bytes:
    """Records as they stand in a block."""
    return b"".join(encode(record) for record in records)


def write(journal: Path, records: Sequence[Record], *, lane: str = "0", block: int = 10) -> int:
    """Put records into a lane in blocks of so many; where the lane ends then."""
    writer = LaneWriter(journal / lane, sync="none")
    end = 0
    for at in range(0, len(records), block):
        end = writer.append([encode(record) for record in records[at : at + block]])
    writer.close()
    return end


def all_of(feed: Feed, max_bytes: int = 1 << 20) -> list[Bale]:
    """What a feed gives until it gives nothing."""
    bales: list[Bale] = []
    while taken := feed.take(max_bytes):
        bales += taken
    return bales


def texts(bales: Iterable[Bale]) -> list[bytes]:
    """The frames of bales."""
    return [parcel.raw for bale in bales for parcel in bale.frames()]
