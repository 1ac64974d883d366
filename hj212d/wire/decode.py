"""From a cut to a frame: CRC, decryption, header, CP, version. Never raises for wire data.

A frame that breaks a rule keeps all that could be read and has the first reason found. What was
accepted against the standard is a repair, and a repair that the device's tolerances do not allow
is a reason. Tests: tests/wire/test_decode.py, tests/wire/test_corpus.py.
"""

from __future__ import annotations

import re

from hj212d.wire import content as contents
from hj212d.wire import header as headers
from hj212d.wire import tables
from hj212d.wire.crc import PRINTED, crc
from hj212d.wire.frame import Cut, Device, Frame
from hj212d.wire.mn import mn_of
from hj212d.wire.reasons import Reason
from hj212d.wire.text import CONTROL, has_control
from hj212d.wire.tolerances import Tolerance
from hj212d.wire.unseal import Unsealed, unseal
from hj212d.wire.values import time_us
from hj212d.wire.version import version_of

__all__ = ["decode", "mn_of"]

STANDARD_SEGMENT_BYTES = 1024  # HJ 212-2017, 6.3.1; 2025 the same

_ANY_DEVICE = Device()
_EDGE = CONTROL + b" "

_OVERSIZE = int(Tolerance.SEGMENT_OVERSIZE)
_LOOSE = int(Tolerance.SEPARATOR_LOOSE)
_EDGE_CONTROL = int(Tolerance.EDGE_CONTROL)
_MILLISECONDS = int(Tolerance.TIME_MILLISECONDS)

# What a frame is rejected for when a repair is not allowed, in the order in which it is looked at.
_REFUSALS = (
    (Tolerance.LENGTH_SHORT, Reason.LENGTH_NOT_NUMERIC),
    (Tolerance.LENGTH_IN_CHARACTERS, Reason.LENGTH_WRONG),
    (Tolerance.LENGTH_OFF, Reason.LENGTH_WRONG),
    (Tolerance.CIPHER_AS_TEXT, Reason.LENGTH_WRONG),
    (Tolerance.SEGMENT_OVERSIZE, Reason.LENGTH_OVER_LIMIT),
    (Tolerance.CRC_ABSENT, Reason.CRC_MISSING),
    (Tolerance.CRC_MODBUS, Reason.CRC_MODBUS),
    (Tolerance.CRC_SHORT, Reason.CRC_WRONG),
    (Tolerance.CRC_LOWER_CASE, Reason.CRC_WRONG),
    (Tolerance.EDGE_CONTROL, Reason.CONTROL_CHARACTER),
    (Tolerance.HEADER_ORDER, Reason.HEADER_MALFORMED),
    (Tolerance.SEPARATOR_LOOSE, Reason.ITEM_MALFORMED),
    (Tolerance.KEY_REPEATED, Reason.ITEM_MALFORMED),
    (Tolerance.MARK_UNPREFIXED, Reason.ITEM_MALFORMED),
    (Tolerance.TEXT_GB18030, Reason.ITEM_MALFORMED),
    (Tolerance.TEXT_UNDECODABLE, Reason.ITEM_MALFORMED),
    (Tolerance.TIME_MILLISECONDS, Reason.DATA_TIME_MALFORMED),
)

_CP = re.compile(r"CP *= *&&")
_HEADER_START = re.compile(rb"#{0,2}[0-9]{0,4}")
_LONGEST_HEADER = 512


def decode(cut: Cut, device: Device = _ANY_DEVICE) -> Frame:
    """Read what was cut, with what is known of its device.

    A piece that is no whole frame keeps its reason; its header is read as far as it goes.
    """
    if cut.reason is not Reason.OK and cut.reason is not Reason.CRC_WRONG:
        return _broken(cut)
    unsealed = unseal(cut, device)
    frame = Frame(
        unsealed.reason,
        cut.raw,
        cut.offset,
        cut.declared_length,
        cut.end - cut.start,
        cut.crc,
        unsealed.crc_expected,
        encrypted=unsealed.encrypted,
    )
    # Plain numbers until the end: an operation on an IntFlag takes a microsecond.
    repairs = _read(frame, unsealed)
    if unsealed.reason is not Reason.OK:
        repairs = 0  # what is off in damaged bytes says nothing of the device
    repairs |= int(cut.repairs) | unsealed.repairs
    if frame.length > STANDARD_SEGMENT_BYTES:
        repairs |= _OVERSIZE
    if repairs:
        frame.repairs = Tolerance(repairs)
        refused = repairs & ~int(device.tolerances)
        if refused and frame.reason is Reason.OK:
            frame.reason = next(reason for one, reason in _REFUSALS if one & refused)
    return frame


def _read(frame: Frame, unsealed: Unsealed) -> int:
    """Fill the frame from its plain segment; the repairs that took."""
    segment = unsealed.segment
    repairs = 0
    if not segment.endswith(b"&&") or segment[:1] in _EDGE:
        stripped = segment.strip(CONTROL)
        repairs = _EDGE_CONTROL if len(stripped) < len(segment) else 0
        segment = stripped
        tidy = stripped.strip(_EDGE).rstrip(b" ;,")
        if len(tidy) < len(stripped) and tidy.endswith(b"&&"):
            segment = tidy
            repairs |= _LOOSE
    if has_control(segment):
        _reject(frame, Reason.CONTROL_CHARACTER)
    head, opened, body = segment.decode("latin-1").partition("CP=&&")
    if not opened and (found := _CP.search(head)):
        repairs |= _LOOSE
        head, body, opened = head[: found.start()], head[found.end() :], "CP=&&"

    header = headers.parse(head)
    repairs |= header.repairs
    _reject(frame, header.reason)
    _fill_header(frame, header)
    if not opened:
        _reject(frame, Reason.CP_MISSING)
        frame.version = version_of(frame.flag, header.fields.get("QN"), (), False)
        return repairs
    if body.endswith("&&"):
        body = body[:-2]
    else:
        _reject(frame, Reason.CP_NOT_CLOSED)
    _reject(frame, headers.check(header.fields))
    return repairs | _fill_content(frame, header, body)


def _reject(frame: Frame, reason: Reason) -> None:
    """The first reason found stays."""
    if frame.reason is Reason.OK:
        frame.reason = reason


def _fill_header(frame: Frame, header: headers.Header) -> None:
    fields = header.fields
    get = fields.get
    frame.qn = get("QN", "")
    frame.st = get("ST", "")
    frame.cn = get("CN", "")
    frame.pw = get("PW", "")
    frame.mn = get("MN", "")
    frame.flag = headers.flag_of(fields)
    frame.rf = get("RF") == "1"
    frame.warnings.extend(header.warnings)
    if frame.qn:
        frame.qn_time_us = time_us(frame.qn) if len(frame.qn) == 17 else None


def _fill_content(frame: Frame, header: headers.Header, body: str) -> int:
    content = contents.parse(body)
    frame.items, frame.cp, frame.factors = content.items, content.cp, content.factors
    _reject(frame, content.reason)
    repairs = content.repairs
    cp = content.cp
    qn = header.fields.get("QN")
    if not frame.qn and "QN" in cp:  # 2005: in CP
        frame.qn = cp["QN"]
        frame.qn_time_us = time_us(frame.qn) if len(frame.qn) == 17 else None
    packet = header.fields if "PNUM" in header.fields or "PNO" in header.fields else cp
    frame.pnum, frame.pno, reason = headers.packet_of(packet)
    _reject(frame, reason)
    frame.version = version_of(frame.flag, qn, content.factors, True)

    data_time = cp.get("DataTime")
    if data_time is not None:
        frame.data_time_us = time_us(data_time[:14])
        if len(data_time) == 17:
            repairs |= _MILLISECONDS
            if time_us(data_time) is None:
                frame.data_time_us = None
        elif len(data_time) != 14:
            frame.data_time_us = None
    if frame.data_time_us is None and content.factors and tables.carries_data(frame.cn):
        _reject(frame, Reason.DATA_TIME_MALFORMED)
    return repairs


def _broken(cut: Cut) -> Frame:
    """A piece that is no whole frame, with as much of a header as can be read."""
    frame = Frame(cut.reason, cut.raw, cut.offset, cut.declared_length, crc=cut.crc)
    if cut.end:
        frame.length = cut.end - cut.start
        frame.crc_expected = PRINTED[crc(cut.raw[cut.start : cut.end])].decode()
    start = _HEADER_START.match(cut.raw)
    head = cut.raw[start.end() if start else 0 :][:_LONGEST_HEADER]
    head, opened, _ = head.partition(b"CP=&&")
    if not opened:  # the last item may be half
        head = head[: head.rfind(b";") + 1]
    fields = headers.parse(head.decode("latin-1")).fields
    if "QN" in fields or "ST" in fields or "CN" in fields:
        _fill_header(frame, headers.Header(fields))
        frame.version = version_of(frame.flag, fields.get("QN"), (), bool(opened))
    frame.mn = mn_of(cut.raw)
    return frame
