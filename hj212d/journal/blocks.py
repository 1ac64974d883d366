"""Blocks: the unit that is written, checked, mended or skipped. Pure functions over a window of
bytes; files are in segment.py. Layout: FORMAT.md. Tests: tests/journal/test_blocks.py.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Protocol

import msgspec
from isal.isal_zlib import adler32, crc32

from hj212d.journal.mend import mended
from hj212d.journal.record import Record, Run, decode_all

MAGIC = b"HJBK"
# magic, length of body, records, logical offset, write time (us), CRC-32 and Adler-32 of the body
_FIELDS = struct.Struct("<4sIIQqII")
_CRC = struct.Struct("<I")
HEAD_BYTES = _FIELDS.size + _CRC.size

_SCAN_BYTES = 1 << 20


class Window(Protocol):
    """Bytes of a lane by logical offset, up to ``end``."""

    @property
    def end(self) -> int: ...

    def read(self, at: int, count: int) -> bytes:
        """``count`` bytes from ``at``, fewer only at the end."""
        ...


class Head(msgspec.Struct, frozen=True):
    """What a block's head says. ``mended``: a bit of it was turned back."""

    offset: int
    length: int
    count: int
    time_us: int
    body_crc: int
    body_adler: int
    mended: bool = False

    @property
    def end(self) -> int:
        """Logical offset behind the block."""
        return self.offset + HEAD_BYTES + self.length


class Block(msgspec.Struct, frozen=True):
    """A whole block. ``mended``: a bit of its head or body was turned back on reading."""

    offset: int
    count: int
    time_us: int
    body: bytes
    mended: bool = False

    @property
    def end(self) -> int:
        """Logical offset behind the block."""
        return self.offset + HEAD_BYTES + len(self.body)

    def records(self) -> list[tuple[int, Record]]:
        """Its records with their positions; ValueError when the body is not ``count`` of them."""
        start = self.offset + HEAD_BYTES
        found = [(start + at, record) for at, record in decode_all(self.body)]
        if len(found) != self.count:
            raise ValueError(f"{len(found)} records where the head says {self.count}")
        return found


class Damage(msgspec.Struct, frozen=True):
    """Bytes that are not a block and could not be mended."""

    position: int
    bytes: int
    what: str

    @property
    def end(self) -> int:
        """Logical offset behind the damage."""
        return self.position + self.bytes


def encode(body: bytes, count: int, offset: int, time_us: int) -> bytes:
    """A block as it stands in a segment."""
    fields = _FIELDS.pack(MAGIC, len(body), count, offset, time_us, crc32(body), adler32(body))
    return fields + _CRC.pack(crc32(fields)) + body


def split(run: Run, limit: int) -> Iterator[Run]:
    """Runs whose bytes stay within ``limit``; a larger record is a run of its own."""
    if len(run.body) <= limit or run.count == 1:
        yield run
        return
    start = last = count = 0
    for end in run.ends():
        if count and end - start > limit:
            yield Run(run.body[start:last], count)
            start, count = last, 0
        last = end
        count += 1
    yield Run(run.body[start:last], count)


def read_head(raw: bytes, offset: int) -> Head | None:
    """The undamaged head at a logical offset, or None."""
    if len(raw) < HEAD_BYTES or not raw.startswith(MAGIC):
        return None
    fields = raw[: _FIELDS.size]
    if crc32(fields) != _CRC.unpack_from(raw, _FIELDS.size)[0]:
        return None
    return _head(fields, offset, mended=False)


def mend_head(raw: bytes, offset: int) -> Head | None:
    """The head at a logical offset with its one flipped bit turned back, or None."""
    if len(raw) < HEAD_BYTES:
        return None
    fields = raw[: _FIELDS.size]
    (crc,) = _CRC.unpack_from(raw, _FIELDS.size)
    if (crc ^ crc32(fields)).bit_count() > 1:  # one: the bit is in the stored CRC itself
        whole = mended(fields, crc)
        if whole is None:
            return None
        fields = whole
    return _head(fields, offset, mended=True)


def walk(window: Window, at: int) -> Iterator[Block | Damage]:
    """All there is from ``at`` (the start of a block) to the end of the window, without gaps."""
    while at < window.end:
        found = _block_at(window, at)
        yield found
        at = found.end


def skim(window: Window, at: int) -> Iterator[Head | Damage]:
    """As ``walk``, but the bodies are not looked at."""
    while at < window.end:
        head = _head_at(window, at)
        found = head or Damage(at, _next_block(window, at + 1) - at, "no block head")
        yield found
        at = found.end


def _head(fields: bytes, offset: int, mended: bool) -> Head | None:
    magic, length, count, said, time_us, body_crc, body_adler = _FIELDS.unpack(fields)
    # A block that says another offset is old or foreign bytes, never a block of this place.
    if magic != MAGIC or said != offset:
        return None
    return Head(offset, length, count, time_us, body_crc, body_adler, mended)


def _head_at(window: Window, at: int) -> Head | None:
    raw = window.read(at, HEAD_BYTES)
    return read_head(raw, at) or mend_head(raw, at)


def _block_at(window: Window, at: int) -> Block | Damage:
    head = _head_at(window, at)
    if head is None:
        return Damage(at, _next_block(window, at + 1) - at, "no block head")
    if head.end > window.end:
        return Damage(at, window.end - at, f"block of {head.end - at} bytes is cut off")
    body = window.read(at + HEAD_BYTES, head.length)
    if crc32(body) == head.body_crc:
        return Block(at, head.count, head.time_us, body, head.mended)
    return _mend_body(head, body) or Damage(
        at, head.end - at, f"body of {head.length} bytes does not fit its checksum"
    )


def _mend_body(head: Head, body: bytes) -> Block | None:
    """The block with the one flipped bit of its body turned back.

    In a large body a heavier damage can look like one flipped bit (4 MiB: one in 128), therefore
    the second checksum and the records must fit, too.
    """
    whole = mended(body, head.body_crc)
    if whole is None or adler32(whole) != head.body_adler:
        return None
    block = Block(head.offset, head.count, head.time_us, whole, mended=True)
    try:
        block.records()
    except ValueError:
        return None
    return block


def _next_block(window: Window, at: int) -> int:
    """Logical offset of the next undamaged block, the window's end when there is none."""
    while at < window.end:
        chunk = window.read(at, _SCAN_BYTES)
        found = chunk.find(MAGIC)
        while found >= 0:
            if _undamaged(window, at + found):
                return at + found
            found = chunk.find(MAGIC, found + 1)
        if at + len(chunk) >= window.end:
            break
        at += len(chunk) - len(MAGIC) + 1
    return window.end


def _undamaged(window: Window, at: int) -> bool:
    head = read_head(window.read(at, HEAD_BYTES), at)
    if head is None or head.end > window.end:
        return False
    return crc32(window.read(at + HEAD_BYTES, head.length)) == head.body_crc
