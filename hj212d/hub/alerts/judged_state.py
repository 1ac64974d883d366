"""All that the evaluator remembers, as bytes: columns as they are, with their types beside them.

Tests: tests/hub/alerts/test_evaluator_state.py.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from alerts.signals import Signal

VERSION = 1


class LaneKept(msgspec.Struct):
    """A lane: what its rules said, by number, and the columns of its watches."""

    rules: list[tuple[str, str, bytes]]
    thing: bytes
    rule: bytes
    state: bytes
    columns: str


class Kept(msgspec.Struct):
    """``heard_us``, ``minute``: how far what is received has come. ``placed``: for how many
    stations neighbours are known, since which minute."""

    version: int
    mns: list[str]
    factors: list[str]
    stations: bytes
    station_columns: str
    keys: bytes
    key_columns: str
    lanes: dict[str, LaneKept]
    heard_us: int
    minute: int
    placed: tuple[int, int]
    reasons: list[tuple[int, str, int]]
    pending: list[Signal]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Kept)


def encode(kept: Kept) -> bytes:
    """As bytes."""
    return _ENCODER.encode(kept)


def decode(data: bytes) -> Kept:
    """ValueError, one sentence: these are no such bytes, or of another version."""
    try:
        kept = _DECODER.decode(data)
    except (msgspec.DecodeError, msgspec.ValidationError) as problem:
        raise ValueError(f"the state of the evaluator cannot be read: {problem}") from None
    if kept.version != VERSION:
        raise ValueError(f"the state of the evaluator is of version {kept.version}")
    return kept


def columns_of(kind: np.dtype[Any]) -> str:
    """What a row consists of."""
    return repr(kind.descr)


def plain(rows: NDArray[Any]) -> bytes:
    """Rows as they lie in memory, not copied."""
    as_bytes: Any = np.ascontiguousarray(rows).view(np.uint8)
    view: Any = memoryview(as_bytes)
    return cast(bytes, view)


def column(data: bytes, columns: str, kind: np.dtype[Any]) -> NDArray[Any]:
    """Rows of a kind. ValueError where they were kept as another one."""
    if columns != columns_of(kind):
        raise ValueError("the state of the evaluator has other columns: it is of another version")
    return np.frombuffer(data, kind)
