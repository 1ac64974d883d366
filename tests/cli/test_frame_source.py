"""Where frames come from: text, HEX or stream, whatever way the bytes arrive."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212d.cli.frame_source import is_comment, looks_like_text, pieces
from hj212d.wire import build
from hj212d.wire.codec import Cutter

FRAME = build.frame(b"QN=20260501080000000;ST=91;CN=9014;PW=1;MN=A;Flag=4;CP=&&&&")


class Drip(io.RawIOBase):
    """A pipe that gives its bytes in given portions."""

    def __init__(self, content: bytes, sizes: list[int]) -> None:
        self._content = content
        self._sizes = sizes

    def read(self, _: int = -1) -> bytes:
        """The next portion."""
        size = self._sizes.pop(0) if self._sizes else len(self._content)
        portion, self._content = self._content[:size], self._content[size:]
        return portion


@pytest.mark.parametrize("line", [b"", b"  ", b"#", b"# x", b"#\tx", b"\r"])
def test_comments(line: bytes) -> None:
    """A blank behind the sign, or nothing."""
    assert is_comment(line)


@pytest.mark.parametrize("line", [b"##", FRAME, b"#x", b"x # y"])
def test_no_comments(line: bytes) -> None:
    """Frames begin with two signs."""
    assert not is_comment(line)


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (b"", True),
        (FRAME, True),
        (b"# comment\n\x00\x01", True),
        (b"\xef\xbb\xbf# comment\n\x00", True),
        (b"\n\nHEX:00\n\x00", True),
        ("污水".encode("gbk"), True),
        (b"\x00" + FRAME, False),
        (FRAME + b"\x1b", False),
        (FRAME.strip() * 1000, False),
    ],
)
def test_what_it_looks_like(head: bytes, text: bool) -> None:
    """Control characters or a very long line make a stream, a comment or HEX at first a text."""
    assert looks_like_text(head) is text


@given(st.lists(st.integers(min_value=1, max_value=40), max_size=40), st.booleans())
def test_portions_make_no_difference(sizes: list[int], raw: bool) -> None:
    """A dripping pipe gives the same pieces as a file."""
    # The first portion decides what it is: the same in every run.
    content = FRAME + b"HEX:" + FRAME.hex().encode() + b"\n" + FRAME[:30] + b"\n" + FRAME + FRAME
    whole = list(pieces(io.BytesIO(content), Cutter, raw=raw))
    dripped = list(pieces(Drip(content, sizes), Cutter, raw=raw))  # type: ignore[arg-type]
    assert dripped == whole
    assert len([piece for piece in whole if piece.cut.raw == FRAME.strip()]) == (3 if raw else 4)


def test_an_endless_line_is_handed_over_in_parts() -> None:
    """Memory stays bounded when a text never ends its line."""
    content = b"# text\n" + b"x" * (3 * 1024 * 1024)
    found = list(pieces(io.BytesIO(content), Cutter, raw=False))
    assert sum(len(piece.cut.raw) for piece in found) == 3 * 1024 * 1024
    assert len({piece.line for piece in found}) > 2
