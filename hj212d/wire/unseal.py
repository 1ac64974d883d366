"""From a cut to a plain data segment: the verdict on the CRC, and decryption.

The CRC of an encrypted frame is that of its plain text (HJ 212-2025, A.2), and no field says that
a frame is encrypted; so a frame whose raw CRC fits and whose content is text is plain, and all
others are tried with the device's keys. Tests: tests/wire/test_unseal.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from hj212d.wire import sm4
from hj212d.wire.crc import PRINTED, crc, modbus
from hj212d.wire.frame import Cut, Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.text import looks_like_cipher, looks_like_text
from hj212d.wire.tolerances import Tolerance

_LOWER_CASE = int(Tolerance.CRC_LOWER_CASE)
_MODBUS = int(Tolerance.CRC_MODBUS)
_ABSENT = int(Tolerance.CRC_ABSENT)
_CIPHER_AS_TEXT = int(Tolerance.CIPHER_AS_TEXT)

_FLAG_2025 = re.compile(rb"Flag *= *(?:8|9|10|11) *;")
_OPEN = b"CP=&&"


class Unsealed(msgspec.Struct):
    """A data segment in plain, as far as it could be had. ``repairs`` are bits of Tolerance."""

    segment: bytes
    crc_expected: str
    reason: Reason = Reason.OK
    repairs: int = 0
    encrypted: bool = False


def unseal(cut: Cut, device: Device) -> Unsealed:
    """Check and decrypt a cut whose reason is OK or CRC_WRONG."""
    segment = cut.raw[cut.start : cut.end]
    printed = cut.crc.upper()
    lower = 0 if printed == cut.crc else _LOWER_CASE
    content = segment[segment.find(_OPEN) + len(_OPEN) : -2]
    if cut.reason is Reason.OK:
        expected = printed.rjust(4, "0") if printed else PRINTED[crc(segment)].decode()
        if content.isascii() or looks_like_text(content):
            return Unsealed(segment, expected, repairs=lower)
    else:
        expected = PRINTED[crc(segment)].decode()

    binary = sm4.from_text(segment)
    as_text = 0 if binary is None else _CIPHER_AS_TEXT
    if device.keys and len(printed) == 4:
        plain = _decrypt(segment if binary is None else binary, printed, device)
        if plain is not None:
            return Unsealed(plain, printed, repairs=lower | as_text, encrypted=True)
    if as_text or (looks_like_cipher(content) and _FLAG_2025.search(segment)):
        reason = Reason.KEY_WRONG if device.keys else Reason.KEY_MISSING
        return Unsealed(segment, expected, reason, as_text)
    if cut.reason is Reason.OK:
        return Unsealed(segment, expected, repairs=lower)
    reason, repairs = _misprinted(segment, printed, device)
    return Unsealed(segment, expected, reason, repairs | lower if reason is Reason.OK else 0)


def key_of(frame: Frame, keys: Iterable[bytes]) -> bytes | None:
    """Which of ``keys`` opens an encrypted frame that could be read; None: none of them."""
    if not frame.encrypted:
        return None
    end = len(frame.raw) - len(frame.crc)
    segment = frame.raw[end - frame.length : end]
    binary = sm4.from_text(segment)
    for key in keys:
        if _opened(segment if binary is None else binary, frame.crc.upper(), key) is not None:
            return key
    return None


def _decrypt(segment: bytes, printed: str, device: Device) -> bytes | None:
    """The plain segment by the first key that gives a fitting CRC and a text."""
    for key in device.keys:
        plain = _opened(segment, printed, key)
        if plain is not None:
            return plain
    return None


def _opened(segment: bytes, printed: str, key: bytes) -> bytes | None:
    try:
        plain = sm4.decrypt_cp(segment, key)
    except ValueError:  # no CP=&&...&&, so nothing is encrypted
        return None
    fits = PRINTED[crc(plain)] == printed.encode("ascii") and looks_like_text(plain)
    return plain if fits else None


def _misprinted(segment: bytes, printed: str, device: Device) -> tuple[Reason, int]:
    """What stands in place of a fitting CRC: zeros, CRC-16/MODBUS in either order, or damage."""
    if printed == "0000":
        if device.tolerances & Tolerance.CRC_ABSENT:
            return Reason.OK, _ABSENT
    elif len(printed) == 4:
        register = modbus(segment)
        if printed in (f"{register:04X}", f"{register & 0xFF:02X}{register >> 8:02X}"):
            if device.tolerances & Tolerance.CRC_MODBUS:
                return Reason.OK, _MODBUS
            return Reason.CRC_MODBUS, 0
    return Reason.CRC_WRONG, 0
