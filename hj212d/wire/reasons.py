"""Why a piece of a stream is not a good frame: one enumerated list, each with a line of help.

The numbers are written into the journal and therefore never change or get reused; the names are
shown to people, counted, and stored. Tests: tests/wire/test_reasons.py.
"""

from __future__ import annotations

from enum import IntEnum


class Reason(IntEnum):
    """Verdict on a piece of a stream: ``OK`` is a good frame, all else goes to quarantine."""

    OK = 0, "a good frame"
    # The stream: no frame could be cut.
    JUNK = 1, "bytes that belong to no frame (DTU heartbeat text, another protocol)"
    LENGTH_NOT_NUMERIC = 2, "after ## come no four digits"
    LENGTH_OVER_LIMIT = 3, "the declared length is above link.max_segment_bytes"
    TRUNCATED = (
        4,
        "a frame began and never ended (link cut, half-frame timer, a new header inside)",
    )
    # The envelope: the bytes are there, the frame cannot be trusted.
    LENGTH_WRONG = 10, "the data segment does not end where the declared length says"
    CRC_MISSING = 11, "after the data segment come no hexadecimal digits"
    CRC_WRONG = 12, "the CRC does not fit the data segment"
    CRC_MODBUS = 13, "the CRC is CRC-16/MODBUS, not the CRC of HJ 212 (tolerance crc_modbus)"
    # The data segment: the CRC fits, the content does not follow the standard.
    CP_MISSING = 20, "the data segment has no CP=&&"
    CP_NOT_CLOSED = 21, "CP does not end with &&"
    HEADER_MALFORMED = 22, "a header item is not name=value"
    CONTROL_CHARACTER = 23, "control characters inside the data segment"
    CN_MALFORMED = 24, "CN is missing or not four digits"
    MN_MALFORMED = 25, "MN is missing or has characters other than letters, digits, _ and -"
    FLAG_MALFORMED = 26, "Flag is not a number from 0 to 255"
    PACKET_MALFORMED = 27, "PNUM and PNO are not numbers with 1 <= PNO <= PNUM"
    ITEM_MALFORMED = 28, "an item of CP is not name=value, or its name is not a code"
    DATA_TIME_MALFORMED = 29, "an upload of data without a readable DataTime"
    # Encryption (HJ 212-2025, 6.4).
    KEY_MISSING = 40, "the content looks encrypted and no SM4 key is known for this MN"
    KEY_WRONG = 41, "the content does not decrypt with any key known for this MN"
    # Admission.
    MN_UNKNOWN = 50, "nobody registered this MN and link.unknown_mn refuses such devices"
    PW_WRONG = 51, "PW differs from the password registered for this MN"
    ADDRESS_WRONG = 52, "this MN is registered for other networks than the one it came from"

    help: str

    def __new__(cls, number: int, help_line: str) -> Reason:
        member = int.__new__(cls, number)
        member._value_ = number
        member.help = help_line
        return member

    @property
    def label(self) -> str:
        """Name as people, counters and tables see it: ``crc_wrong``."""
        return self.name.lower()

    @classmethod
    def of(cls, label: str) -> Reason:
        """The reason with this label; KeyError when there is none."""
        return cls[label.upper()]
