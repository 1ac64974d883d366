"""Pieces of frames out of a file or a pipe: lines of text, ``HEX:`` lines, or a raw byte stream.

Which of them it is, the first bytes tell. Text is cut line by line, so that a broken line costs
only itself; a raw stream is cut as a link would cut it. Tests: tests/cli/test_frame_source.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from hj212d.wire.codec import Cutter
from hj212d.wire.frame import Cut

HEX = b"HEX:"
_CHUNK_BYTES = 64 * 1024
_LINE_LIMIT_BYTES = 1024 * 1024
_LONGEST_LINE_BYTES = 32 * 1024  # text has a line end by then
_BOM = b"\xef\xbb\xbf"
_TEXT_CONTROLS = frozenset(b"\t\r\n\f")


class Piece(NamedTuple):
    """A cut, and the number of its line from 1; 0 in a raw stream."""

    line: int
    cut: Cut


def pieces(stream: BinaryIO, new_cutter: Callable[[], Cutter], *, raw: bool) -> Iterator[Piece]:
    """Every frame and broken piece in order. ``raw``: a byte stream, whatever it looks like."""
    head = _read(stream)
    if raw or not looks_like_text(head):
        yield from _from_stream(head, stream, new_cutter())
    else:
        for number, line in enumerate(_lines(head.removeprefix(_BOM), stream), 1):
            content = line.removesuffix(b"\r")
            if not is_comment(content):
                yield from (Piece(number, cut) for cut in _from_line(content, new_cutter()))


def looks_like_text(head: bytes) -> bool:
    """Whether the first bytes are lines of text: a comment or ``HEX:`` comes first, or nothing
    but text comes at all (an encrypted frame holds control characters)."""
    first = head.removeprefix(_BOM).lstrip().split(b"\n", 1)[0]
    if first.startswith(HEX) or (first and is_comment(first)):
        return True
    if b"\n" not in head and len(head) > _LONGEST_LINE_BYTES:
        return False
    return not any(byte < 0x20 and byte not in _TEXT_CONTROLS for byte in head)


def is_comment(line: bytes) -> bool:
    """Whether a line says nothing of frames: blank, ``# text`` or ``#``. Frames begin ``##``."""
    bare = line.strip()
    return not bare or bare == b"#" or (bare[:1] == b"#" and bare[1:2].isspace())


def _from_line(content: bytes, cutter: Cutter) -> list[Cut]:
    if content.startswith(HEX):
        try:
            content = bytes.fromhex(content[len(HEX) :].decode("ascii"))
        except ValueError:
            pass  # cut as it stands, and so reported as junk
    return cutter.feed(content) + cutter.expire()


def _from_stream(head: bytes, stream: BinaryIO, cutter: Cutter) -> Iterator[Piece]:
    chunk = head
    while chunk:
        yield from (Piece(0, cut) for cut in cutter.feed(chunk))
        chunk = _read(stream)
    yield from (Piece(0, cut) for cut in cutter.expire())


def _lines(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    """Lines without their LF; one beyond the limit is handed over in parts."""
    held = head
    while True:
        *whole, held = held.split(b"\n")
        yield from whole
        more = _read(stream)
        if held and (not more or len(held) > _LINE_LIMIT_BYTES):
            yield held
            held = b""
        if not more:
            return
        held += more


def _read(stream: BinaryIO) -> bytes:
    read1 = getattr(stream, "read1", stream.read)
    found = read1(_CHUNK_BYTES)
    assert isinstance(found, bytes)
    return found
