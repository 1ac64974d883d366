"""A segment file: its header, and reading it by logical offset. Writing is in writer.py.

Tests: tests/journal/test_segment.py.
"""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path

import msgspec
from isal.isal_zlib import crc32

from hj212d.journal.mend import mended

MAGIC = b"HJSG"
FORMAT_VERSION = 1
SUFFIX = ".seg"
# magic, format version, flags, base, previous end, creation time (us)
_FIELDS = struct.Struct("<4sHHQQq")
_CRC = struct.Struct("<I")
HEADER_BYTES = _FIELDS.size + _CRC.size

UNSYNCED = 1  # flag: written with sync = none, so a power cut may have taken any part of it

_WINDOW_BYTES = 256 * 1024
_PAGE_BYTES = 4096


class Header(msgspec.Struct, frozen=True):
    """What the start of a segment says.

    ``previous_end``: where the data of the segment before end; whatever stands there beyond is
    void. ``mended``: a bit was turned back on reading.
    """

    base: int
    previous_end: int
    created_us: int
    flags: int = 0
    mended: bool = False


def encode_header(header: Header) -> bytes:
    """The header as it stands in the file."""
    fields = _FIELDS.pack(
        MAGIC,
        FORMAT_VERSION,
        header.flags,
        header.base,
        header.previous_end,
        header.created_us,
    )
    return fields + _CRC.pack(crc32(fields))


def decode_header(raw: bytes) -> Header | None:
    """The header, with a single flipped bit turned back; None when it is damaged beyond that or
    of another format."""
    if len(raw) < HEADER_BYTES:
        return None
    fields: bytes | None = raw[: _FIELDS.size]
    assert fields is not None
    (crc,) = _CRC.unpack_from(raw, _FIELDS.size)
    syndrome = crc ^ crc32(fields)
    if syndrome.bit_count() > 1:  # one: the bit is in the stored CRC itself
        fields = mended(fields, crc)
    if fields is None:
        return None
    magic, version, flags, base, previous_end, created_us = _FIELDS.unpack(fields)
    if magic != MAGIC or version != FORMAT_VERSION:
        return None
    return Header(base, previous_end, created_us, flags, mended=syndrome != 0)


def name(base: int) -> str:
    """File name of the segment that starts at ``base``."""
    return f"{base:020d}{SUFFIX}"


class SegmentFile:
    """An open segment. Its base is in the file name, so that a lost header costs no data."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.base = int(path.name.removesuffix(SUFFIX))
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    @property
    def end(self) -> int:
        """Logical offset behind the last byte of the file."""
        return self.base + max(0, os.fstat(self._fd).st_size - HEADER_BYTES)

    def header(self) -> Header | None:
        """The header; None when it is lost or belongs to another segment."""
        header = decode_header(_read(self._fd, HEADER_BYTES, 0))
        return header if header and header.base == self.base else None

    def window(self, end: int) -> SegmentWindow:
        """The bytes up to the logical offset ``end`` or the end of the file."""
        return SegmentWindow(self._fd, self.base, max(self.base, min(end, self.end)))

    def sync(self) -> None:
        """What the kernel holds of the file is on the medium; OSError when it is not."""
        os.fdatasync(self._fd)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def __enter__(self) -> SegmentFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SegmentWindow:
    """Reads ahead, and never beyond ``end``: behind it bytes may still change."""

    def __init__(self, fd: int, base: int, end: int) -> None:
        self.end = end
        self._fd = fd
        self._shift = HEADER_BYTES - base
        self._start = 0
        self._held = b""

    def read(self, at: int, count: int) -> bytes:
        """``count`` bytes from the logical offset ``at``, fewer only at the end."""
        count = min(count, self.end - at)
        if count <= 0:
            return b""
        inside = at - self._start
        if inside < 0 or inside + count > len(self._held):
            wanted = max(count, min(_WINDOW_BYTES, self.end - at))
            self._held = _read(self._fd, wanted, at + self._shift)
            self._start = at
            inside = 0
        return self._held[inside : inside + count]


def _read(fd: int, count: int, at: int) -> bytes:
    """Bytes at a file offset; a sector that the medium cannot read any more comes as zeros, which
    no checksum fits."""
    parts = []
    while count > 0:
        try:
            part = os.pread(fd, count, at)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            part = _read_around(fd, count, at)
        if not part:
            break
        parts.append(part)
        count -= len(part)
        at += len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _read_around(fd: int, count: int, at: int) -> bytes:
    """The rest of one page, or zeros for it."""
    count = min(count, _PAGE_BYTES - at % _PAGE_BYTES)
    try:
        return os.pread(fd, count, at)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return bytes(count)
