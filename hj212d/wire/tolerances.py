"""What we accept although the standard forbids it: one switch each, per device; each use counted.

A switch that is on *allows* a repair; a frame carries the set of repairs that were really used.
The bit numbers are written into the journal and never change. Letters in brackets name the quirk
in docs/quirks.md. Tests: tests/wire/test_tolerances.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag


class Tolerance(IntFlag):
    """Set of repairs; combine with ``|``."""

    NONE = 0
    LENGTH_SHORT = 1 << 0  # A3 length field of two or three digits
    LENGTH_IN_CHARACTERS = 1 << 1  # A4 length counts characters, data are UTF-8 bytes
    LENGTH_OFF = 1 << 2  # A5 length wrong, found by && and a fitting CRC
    SEGMENT_OVERSIZE = 1 << 3  # A6 segment above 1024 bytes
    CRC_LOWER_CASE = 1 << 4  # B1
    CRC_SHORT = 1 << 5  # B4 printed without leading zeros
    CRC_MODBUS = 1 << 6  # B2, B3 CRC-16/MODBUS, either byte order
    CRC_ABSENT = 1 << 7  # B7 0000 or none
    SEPARATOR_LOOSE = 1 << 8  # A13, A14, E4 stray, missing or exchanged ; and , and blanks
    HEADER_ORDER = 1 << 9  # A15 header fields in another order
    TEXT_GB18030 = 1 << 10  # C1 Chinese text in GBK / GB18030
    TEXT_UNDECODABLE = 1 << 11  # C1 text in no known encoding, kept as Latin-1
    KEY_REPEATED = 1 << 12  # E2 the same key twice in one frame, the last counts
    MARK_UNPREFIXED = 1 << 13  # E3 Flag=N without a factor, attached to the item before it
    TIME_MILLISECONDS = 1 << 14  # E7 DataTime with 17 digits
    EDGE_CONTROL = 1 << 15  # C3 NUL or control characters at the ends, stripped
    CIPHER_AS_TEXT = 1 << 16  # SM4 cipher written as {0xE4,0x3E,...}

    @property
    def labels(self) -> list[str]:
        """Names of the switches in this set, lower case, in bit order."""
        return [member.name.lower() for member in Tolerance if member in self and member.name]

    @classmethod
    def of(cls, labels: Iterable[str]) -> Tolerance:
        """The set with these labels; KeyError names the first unknown one."""
        found = cls.NONE
        for label in labels:
            found |= cls[label.upper()]
        return found


HELP: dict[Tolerance, str] = {
    Tolerance.LENGTH_SHORT: "length field of two or three digits (##81QN=...)",
    Tolerance.LENGTH_IN_CHARACTERS: "length counts characters instead of bytes",
    Tolerance.LENGTH_OFF: "length is wrong; the end is found by && and a fitting CRC",
    Tolerance.SEGMENT_OVERSIZE: "data segment longer than 1024 bytes",
    Tolerance.CRC_LOWER_CASE: "CRC in lower-case hexadecimal",
    Tolerance.CRC_SHORT: "CRC printed without its leading zeros",
    Tolerance.CRC_MODBUS: "CRC-16/MODBUS instead of the CRC of HJ 212, either byte order",
    Tolerance.CRC_ABSENT: "CRC printed as 0000 or left out",
    Tolerance.SEPARATOR_LOOSE: "stray, missing or exchanged separators, blanks around names",
    Tolerance.HEADER_ORDER: "header fields in another order than the standard's",
    Tolerance.TEXT_GB18030: "Chinese text in GBK or GB18030 instead of UTF-8",
    Tolerance.TEXT_UNDECODABLE: "text in no known encoding, kept byte for byte as Latin-1",
    Tolerance.KEY_REPEATED: "the same key twice in one frame; the last one counts",
    Tolerance.MARK_UNPREFIXED: "a mark without its factor (Flag=N), read as the item before it",
    Tolerance.TIME_MILLISECONDS: "DataTime with 17 digits, cut to seconds",
    Tolerance.EDGE_CONTROL: "control characters at the ends of the data segment, stripped",
    Tolerance.CIPHER_AS_TEXT: "SM4 cipher as text {0xE4,0x3E,...} instead of raw bytes",
}

# A fitting CRC and whole structure back these; the others weaken the one check there is, so they
# are switched on for a device or a port by name.
DEFAULT = ~(
    Tolerance.LENGTH_SHORT | Tolerance.LENGTH_OFF | Tolerance.CRC_MODBUS | Tolerance.CRC_ABSENT
) & Tolerance.of(member.name.lower() for member in HELP if member.name)
