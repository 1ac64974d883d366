"""Segment headers and reading a segment by logical offset (hj212d/journal/segment.py)."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from hj212d.journal.segment import (
    HEADER_BYTES,
    UNSYNCED,
    Header,
    SegmentFile,
    decode_header,
    encode_header,
    name,
)

HEADER = Header(base=5000, previous_end=4711, created_us=1_767_225_600_000_000, flags=UNSYNCED)


def put(folder: Path, body: bytes, header: Header = HEADER) -> Path:
    path = folder / name(5000)
    path.write_bytes(encode_header(header) + body)
    return path


def test_every_flipped_bit_of_a_header_is_mended() -> None:
    """A header comes back as it was, and with any one bit flipped as it was and `mended`."""
    raw = encode_header(HEADER)
    assert decode_header(raw) == HEADER
    for bit in range(8 * len(raw)):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        found = decode_header(bytes(flipped))
        assert found is not None
        assert found.mended
        assert encode_header(found) == raw


@pytest.mark.parametrize("raw", [b"", b"HJSG", bytes(HEADER_BYTES), b"\xff" * HEADER_BYTES])
def test_a_lost_header_is_none(raw: bytes) -> None:
    """What is no header, or not all of one, is none."""
    assert decode_header(raw) is None


def test_a_header_of_another_segment_does_not_count(tmp_path: Path) -> None:
    """A file that was renamed has its base from the name, and no header."""
    path = put(tmp_path, b"", Header(6000, 0, 0))
    with SegmentFile(path) as segment:
        assert segment.base == 5000
        assert segment.header() is None


def test_windows_end_where_they_are_told(tmp_path: Path) -> None:
    """A window gives bytes by logical offset and nothing beyond its end, whatever was read."""
    body = bytes(range(256)) * 2000
    with SegmentFile(put(tmp_path, body)) as segment:
        assert segment.end == 5000 + len(body)
        window = segment.window(5000 + 300_000)
        assert window.end == 305_000
        assert window.read(5000, 3) == body[:3]
        assert window.read(5001, 299_000) == body[1:299_001]
        assert window.read(304_990, 100) == body[299_990:300_000]
        assert window.read(305_000, 1) == b""
        assert segment.window(10**9).end == segment.end


def test_a_file_shorter_than_its_header_is_empty(tmp_path: Path) -> None:
    """A segment cut within its header has no data and no negative end."""
    path = tmp_path / name(5000)
    path.write_bytes(b"HJ")
    with SegmentFile(path) as segment:
        assert segment.end == 5000
        assert segment.header() is None
        assert segment.window(9000).end == 5000


def test_unreadable_sectors_are_zeros(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that the medium cannot read comes as zeros; the pages around it as they are."""
    body = b"a" * 20_000
    bad = range(8192, 12288)
    real = os.pread

    def pread(fd: int, count: int, at: int) -> bytes:
        if at < bad.stop and at + count > bad.start:
            raise OSError(errno.EIO, "Input/output error")
        return real(fd, count, at)

    with SegmentFile(put(tmp_path, body)) as segment:
        monkeypatch.setattr(os, "pread", pread)
        found = segment.window(segment.end).read(5000, len(body))
    lost = slice(bad.start - HEADER_BYTES, bad.stop - HEADER_BYTES)
    assert found[lost] == bytes(4096)
    assert found[: lost.start] + found[lost.stop :] == b"a" * (len(body) - 4096)
