"""One journal record: what happened, when, on which link, with the raw bytes.

The journal knows bytes and numbers only. What ``kind``, ``verdict`` and ``marks`` mean is agreed
between those who write and those who read; the kinds are listed here because both sides need
them. Layout: FORMAT.md beside this file. Tests: tests/journal/test_record.py.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from enum import IntEnum
from itertools import islice
from typing import TYPE_CHECKING

import msgspec


class Kind(IntEnum):
    """What a record tells. Numbers are on disk: add, never change."""

    FRAME = 1  # a frame or a rejected piece of a stream; raw holds its bytes
    LINK_OPENED = 2  # meta: JSON {"peer", "local", "profile"}
    LINK_IDENTIFIED = 3  # meta: JSON {"mn"}; once for each MN on a link
    LINK_CLOSED = 4  # meta: JSON {"why", "bytes", "frames", "rejected", "junk", "seconds"}


class Record(msgspec.Struct, frozen=True, gc=False):
    """What happened once.

    ``time_us``: receive time, UTC microseconds since 1970. ``link``: number of the connection,
    unique over restarts. ``verdict``: number of the reason (0: good). ``marks``: bit set of the
    repairs used. ``meta``: small text in UTF-8, JSON where a kind says so.
    """

    kind: int
    time_us: int
    link: int
    verdict: int = 0
    marks: int = 0
    meta: bytes = b""
    raw: bytes = b""


# length of all that follows it, kind, spare, verdict, marks, link, time, length of meta
_HEAD = struct.Struct("<IBBHIQqH")
HEAD_BYTES = _HEAD.size
_AFTER_LENGTH = HEAD_BYTES - 4
_SHAPE = struct.Struct("<I24xH")  # of the head: length and length of meta


def encode(record: Record) -> bytes:
    """The record as it stands in a block; ValueError when meta exceeds 65,535 bytes."""
    if len(record.meta) > 0xFFFF:
        raise ValueError(f"meta of {len(record.meta)} bytes, the limit is 65535")
    return (
        _HEAD.pack(
            _AFTER_LENGTH + len(record.meta) + len(record.raw),
            record.kind,
            0,
            record.verdict,
            record.marks,
            record.link,
            record.time_us,
            len(record.meta),
        )
        + record.meta
        + record.raw
    )


class Run(msgspec.Struct, frozen=True, gc=False):
    """Encoded records one behind the other: ``count`` of them in ``body``."""

    body: bytes
    count: int

    def ends(self) -> Iterator[int]:
        """Where each record ends in the body."""
        at = 0
        for _ in range(self.count):
            at += 4 + int.from_bytes(self.body[at : at + 4], "little")
            yield at

    def behind(self, count: int) -> Run:
        """What is left without the first ``count`` records."""
        start = next(islice(self.ends(), count - 1, None)) if count else 0
        return Run(self.body[start:], self.count - count)


def joined(records: Sequence[bytes]) -> Run:
    """Encoded records as a run."""
    return Run(records[0] if len(records) == 1 else b"".join(records), len(records))


def time_of(head: bytes) -> int:
    """The receive time in the first ``HEAD_BYTES`` of a record."""
    time_us: int = _HEAD.unpack_from(head)[6]
    return time_us


def offsets(body: bytes) -> list[int]:
    """Where each record of a block's body begins; ValueError when it is not whole records."""
    found: list[int] = []
    at = 0
    end = len(body)
    while at < end:
        if end - at < HEAD_BYTES:
            raise ValueError(f"{end - at} stray bytes at offset {at}")
        length, meta_length = _SHAPE.unpack_from(body, at)
        stop = at + 4 + length
        if length < _AFTER_LENGTH + meta_length or stop > end:
            raise ValueError(f"record of impossible length {length} at offset {at}")
        found.append(at)
        at = stop
    return found


def count(body: bytes) -> int:
    """How many records there are; ValueError when the body is not whole records."""
    return len(offsets(body))


if not TYPE_CHECKING and os.environ.get("HJ212D_CODEC") != "python":
    with suppress(ImportError):  # it was not built
        from hj212d.journal._records import count  # noqa: F401


def decode_all(body: bytes) -> Iterator[tuple[int, Record]]:
    """Each record of a block's body with its offset there; ValueError when the body is not whole
    records."""
    at = 0
    end = len(body)
    while at < end:
        if end - at < HEAD_BYTES:
            raise ValueError(f"{end - at} stray bytes at offset {at}")
        length, kind, _, verdict, marks, link, time_us, meta_length = _HEAD.unpack_from(body, at)
        stop = at + 4 + length
        meta_end = at + HEAD_BYTES + meta_length
        if length < _AFTER_LENGTH or stop > end or meta_end > stop:
            raise ValueError(f"record of impossible length {length} at offset {at}")
        yield (
            at,
            Record(
                kind,
                time_us,
                link,
                verdict,
                marks,
                body[at + HEAD_BYTES : meta_end],
                body[meta_end:stop],
            ),
        )
        at = stop
