"""The one frame type, and the two values around it: what was cut, and what is known of a device.

A frame is data, good or bad: parsing never raises for what came over the wire.
Tests: tests/wire/test_decode.py.
"""

from __future__ import annotations

import msgspec

from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT, Tolerance


class Cut(msgspec.Struct, gc=False):
    """A piece of a stream, as the cutter leaves it: a frame's envelope, or bytes that are none.

    ``raw`` runs from ``##`` to the last CRC digit; the line end is not part of it. ``start`` and
    ``end`` bound the data segment inside ``raw``. A reason of ``OK`` says only that envelope and
    CRC agree; ``CRC_WRONG`` leaves it to :func:`hj212d.wire.decode.decode` to try decryption,
    because the CRC of an encrypted frame is that of its plain text (HJ 212-2025, A.2).
    """

    reason: Reason
    raw: bytes
    offset: int
    start: int = 0
    end: int = 0
    declared_length: int = -1
    crc: str = ""
    repairs: Tolerance = Tolerance.NONE


class Device(msgspec.Struct, frozen=True):
    """What the wire must know of a device to read its frames."""

    tolerances: Tolerance = DEFAULT
    keys: tuple[bytes, ...] = ()  # SM4, 16 bytes each, newest first


class Frame(msgspec.Struct):
    """One HJ 212 frame, read as far as it could be.

    Texts are as they came, ``""`` where the field is missing. ``items`` holds CP in order, names
    and values as text; ``cp`` and ``factors`` are the same, sorted into plain fields and
    ``code -> suffix -> text``. ``data_time_us`` is UTC in microseconds since 1970, from Beijing
    time on the wire, or None. ``length`` is the data segment in bytes; ``crc`` is as printed.
    """

    reason: Reason
    raw: bytes
    offset: int = 0
    declared_length: int = -1
    length: int = -1
    crc: str = ""
    crc_expected: str = ""
    version: str = ""
    qn: str = ""
    st: str = ""
    cn: str = ""
    pw: str = ""
    mn: str = ""
    flag: int | None = None
    pnum: int | None = None
    pno: int | None = None
    rf: bool = False
    encrypted: bool = False
    data_time_us: int | None = None
    qn_time_us: int | None = None
    items: list[tuple[str, str]] = []
    cp: dict[str, str] = {}
    factors: dict[str, dict[str, str]] = {}
    repairs: Tolerance = Tolerance.NONE
    warnings: list[str] = []

    @property
    def ok(self) -> bool:
        """Whether this is a good frame."""
        return self.reason is Reason.OK

    @property
    def wants_answer(self) -> bool | None:
        """Bit 0 of Flag: an answer is wanted; None when the frame has no Flag."""
        return None if self.flag is None else bool(self.flag & 1)
