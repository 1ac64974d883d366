"""Texts out of bytes: UTF-8 as the standard has it, GB18030 as many devices send it.

Segments are split as Latin-1, one character a byte, and values are decoded last: no separator of
the protocol occurs inside a character of either encoding. Tests: tests/wire/test_content.py.
"""

from __future__ import annotations

from hj212d.wire.tolerances import Tolerance

# Control characters that no data segment may contain; deleting them shows whether there are any.
CONTROL = bytes((*range(0x20), 0x7F))

_GB18030 = int(Tolerance.TEXT_GB18030)
_UNDECODABLE = int(Tolerance.TEXT_UNDECODABLE)


def has_control(data: bytes) -> bool:
    """Whether a control character is among the bytes."""
    return len(data.translate(None, CONTROL)) != len(data)


def late(text: str) -> tuple[str, int]:
    """The text behind a text read as Latin-1, and the repair (bits of Tolerance) it took."""
    data = text.encode("latin-1")
    try:
        return data.decode("utf-8"), 0
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("gb18030"), _GB18030
    except UnicodeDecodeError:
        return text, _UNDECODABLE


def looks_like_text(data: bytes) -> bool:
    """Whether the bytes can be content in plain: no control characters, and mostly ASCII."""
    if data.isascii():
        return not has_control(data)
    if has_control(data):
        return False
    try:
        data.decode("utf-8")
        return True
    except UnicodeDecodeError:
        pass
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return 2 * _unprintable(data) <= len(data)


def looks_like_cipher(data: bytes) -> bool:
    """Whether a quarter of the bytes or more is no printable ASCII; of a cipher two thirds are.

    A plain text with a damaged byte or two is below that.
    """
    return len(data) >= 16 and 4 * _unprintable(data) >= len(data)


_PRINTABLE = bytes(range(0x20, 0x7F))


def _unprintable(data: bytes) -> int:
    return len(data.translate(None, _PRINTABLE))
