"""SM4 over the content of CP: whole blocks in ECB, the rest stays plain (HJ 212-2025, 6.4, A.2).

Length and CRC stay those of the plain frame, so the cipher goes out as raw bytes; the form
``{0xE4,0x3E,...}``, which the standard prints, is read too. Tests: tests/wire/test_sm4.py.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK_BYTES = 16

_OPEN = b"CP=&&"
_TEXT_FORM = re.compile(rb"\{ *((?:0[xX][0-9A-Fa-f]{2} *,? *)+)\}")
_NO_DIGITS = re.compile(rb"0[xX]|[ ,]")


@lru_cache(maxsize=4096)
def _cipher(key: bytes) -> Cipher[ECB]:
    return Cipher(SM4(key), ECB())


def _bounds(segment: bytes) -> tuple[int, int]:
    """Where the content of CP begins, and where its whole blocks end."""
    begin = segment.find(_OPEN) + len(_OPEN)
    size = len(segment) - 2 - begin
    if begin < len(_OPEN) or size < 0 or not segment.endswith(b"&&"):
        raise ValueError("the segment has no CP=&&...&&")
    return begin, begin + size - size % BLOCK_BYTES


def encrypt_cp(segment: bytes, key: bytes) -> bytes:
    """The data segment with the content of CP encrypted; ValueError when it has no CP=&&...&&.

    ``key``: 16 bytes.
    """
    begin, end = _bounds(segment)
    blocks = _cipher(key).encryptor().update(segment[begin:end])
    return segment[:begin] + blocks + segment[end:]


def decrypt_cp(segment: bytes, key: bytes) -> bytes:
    """The data segment with the content of CP decrypted, right or wrong as the key is.

    ``key``: 16 bytes. ValueError when there is no CP=&&...&&.
    """
    begin, end = _bounds(segment)
    blocks = _cipher(key).decryptor().update(segment[begin:end])
    return segment[:begin] + blocks + segment[end:]


def as_text(segment: bytes) -> bytes:
    """An encrypted data segment with its whole blocks written as ``{0xE4,0x3E,...}``."""
    begin, end = _bounds(segment)
    digits = ",".join(f"0x{byte:02X}" for byte in segment[begin:end])
    return b"%s{%s}%s" % (segment[:begin], digits.encode("ascii"), segment[end:])


def from_text(segment: bytes) -> bytes | None:
    """The binary form of a segment whose cipher is written as text; None when it is not."""
    begin = segment.find(_OPEN) + len(_OPEN)
    found = _TEXT_FORM.match(segment, begin) if begin >= len(_OPEN) else None
    if found is None:
        return None
    blocks = bytes.fromhex(_NO_DIGITS.sub(b"", found[1]).decode("ascii"))
    return segment[:begin] + blocks + segment[found.end() :]
