"""The header of a data segment: what stands before CP, read as a map.

Items are ``name=value`` with ``;`` between (HJ 212-2017, 6.3; HJ 212-2025, table 3). Fields that
devices exchange, leave out or separate wrongly are read all the same and the repair is noted.
Tests: tests/wire/test_header.py.
"""

from __future__ import annotations

import re

import msgspec

from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import Tolerance

_NAMES = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF")
_RANK = {name: rank for rank, name in enumerate(_NAMES, 1)}

# Plain numbers: `|` of an IntFlag takes a microsecond, of an int 0.03 us.
_LOOSE = int(Tolerance.SEPARATOR_LOOSE)
_ORDER = int(Tolerance.HEADER_ORDER)
_REPEATED = int(Tolerance.KEY_REPEATED)

_NAME = re.compile(r"[A-Za-z][0-9A-Za-z_]*")
_MN = re.compile(r"[0-9A-Za-z_-]{1,64}")
_CN = re.compile(r"[0-9]{4}")
_NUMBER = re.compile(r"[0-9]{1,5}")

# Before its activation a device has no MN (HJ 212-2025, CN 1001), and the notice is answered so.
_CN_WITHOUT_MN = frozenset(("1001", "9013"))


class Header(msgspec.Struct, gc=False):
    """A header as far as it could be read; ``repairs`` are bits of Tolerance."""

    fields: dict[str, str]
    reason: Reason = Reason.OK
    repairs: int = 0
    warnings: tuple[str, ...] = ()


def parse(text: str) -> Header:
    """Read the text before ``CP=``, its closing ``;`` included."""
    fields: dict[str, str] = {}
    repairs = 0
    before = 0
    items = text.split(";")
    if items[-1]:  # no ; before CP
        repairs = _LOOSE
    else:
        items.pop()
    if "," in text or " " in text or not text.isascii():
        return _parse_loose(text)
    for item in items:
        name, equals, value = item.partition("=")
        rank = _RANK.get(name)
        if rank is None or not equals or "=" in value:
            return _parse_loose(text)
        if rank <= before:
            if name in fields:
                return _parse_loose(text)
            repairs |= _ORDER
        before = rank
        fields[name] = value
    return Header(fields, Reason.OK, repairs)


def _parse_loose(text: str) -> Header:
    """The same for a header with something unusual in it; goes on behind what is malformed."""
    header = Header({})
    before = 0
    if not text.endswith(";"):
        header.repairs |= _LOOSE
    for item in text.rstrip(";").replace(",", ";").split(";"):
        name, equals, value = item.partition("=")
        tidy, value_tidy = name.strip(" "), value.strip(" ")
        if not item.strip(" "):
            header.repairs |= _LOOSE
            continue
        if not equals or not _NAME.fullmatch(tidy) or "=" in value or not item.isascii():
            header.reason = Reason.HEADER_MALFORMED
            continue
        if tidy != name or value_tidy != value:
            header.repairs |= _LOOSE
        rank = _RANK.get(tidy)
        if rank is None:
            header.warnings = ("header_field_unknown",)
        else:
            if tidy in header.fields:
                header.repairs |= _REPEATED
                if tidy == "MN":  # two owners: nobody's
                    header.reason = Reason.HEADER_MALFORMED
            elif rank < before:
                header.repairs |= _ORDER
            before = rank
        header.fields[tidy] = value_tidy
    if "," in text or text.endswith(";;"):
        header.repairs |= _LOOSE
    return header


def check(fields: dict[str, str]) -> Reason:
    """Whether CN, MN and Flag are what a frame must have."""
    cn = fields.get("CN", "")
    if len(cn) != 4 or not _CN.fullmatch(cn):
        return Reason.CN_MALFORMED
    mn = fields.get("MN")
    if mn is None or not (_MN.fullmatch(mn) or (not mn and cn in _CN_WITHOUT_MN)):
        return Reason.MN_MALFORMED
    if "Flag" in fields and flag_of(fields) is None:
        return Reason.FLAG_MALFORMED
    return Reason.OK


def flag_of(fields: dict[str, str]) -> int | None:
    """Flag as a number from 0 to 255; None when there is none or it is malformed."""
    text = fields.get("Flag", "")
    if not text.isdigit() or not text.isascii() or len(text) > 3:
        return None
    flag = int(text)
    return flag if flag <= 255 else None


def packet_of(fields: dict[str, str]) -> tuple[int | None, int | None, Reason]:
    """PNUM, PNO and whether they are numbers with 1 <= PNO <= PNUM, or both missing."""
    pnum, pno = fields.get("PNUM"), fields.get("PNO")
    if pnum is None and pno is None:
        return None, None, Reason.OK
    if pnum is None or pno is None or not (_NUMBER.fullmatch(pnum) and _NUMBER.fullmatch(pno)):
        return None, None, Reason.PACKET_MALFORMED
    total, number = int(pnum), int(pno)
    if not 1 <= number <= total:
        return total, number, Reason.PACKET_MALFORMED
    return total, number, Reason.OK
