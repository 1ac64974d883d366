"""Build segments, frames and replies as the three versions write them.

Encryption is sm4.py's; a reply is never encrypted. Tests: tests/wire/test_build.py.
"""

from __future__ import annotations

from hj212d.wire.crc import PRINTED, crc
from hj212d.wire.frame import Frame
from hj212d.wire.version import V2005

LONGEST_SEGMENT_BYTES = 9999  # what four digits can declare
VERSION_MASK = 0xFC
FLAG_2017_BITS = 4


def frame(segment: bytes) -> bytes:
    """``##``, the length in four digits, the segment, its CRC, CR LF (HJ 212-2017, 6.2).

    ValueError when the segment is longer than four digits can say.
    """
    if len(segment) > LONGEST_SEGMENT_BYTES:
        raise ValueError(f"segment of {len(segment)} bytes, the length field takes 9999")
    return b"##%04d%s%s\r\n" % (len(segment), segment, PRINTED[crc(segment)])


def segment(
    *,
    qn: str,
    st: str,
    cn: str,
    pw: str,
    mn: str,
    flag: int | None,
    cp: str,
    pnum: int | None = None,
    pno: int | None = None,
    rf: bool = False,
) -> bytes:
    """A data segment in the order of the standard; ``cp`` is what stands between ``&&`` and
    ``&&``.

    Fields that are empty or None are left out, MN alone is always there (HJ 212-2025, CN 1001).
    """
    items = [f"{name}={value}" for name, value in (("QN", qn), ("ST", st), ("CN", cn)) if value]
    if pw:
        items.append(f"PW={pw}")
    items.append(f"MN={mn}")
    numbers = (("Flag", flag), ("PNUM", pnum), ("PNO", pno), ("RF", 1 if rf else None))
    items += [f"{name}={value}" for name, value in numbers if value is not None]
    return f"{';'.join(items)};CP=&&{cp}&&".encode()


def reply(request: Frame, cn: str) -> bytes:
    """The frame that answers ``request``: 9013 (notice) or 9014 (data), in the request's form.

    2017 and 2025: the request's QN in front, ST=91, its PW and MN, the version bits of its Flag,
    nothing in CP. 2005: QN, and for data CN, inside CP. The form follows the bits of Flag where
    there is one, whatever the frame was taken for.
    """
    flag = request.flag
    if request.version == V2005 if flag is None else flag & VERSION_MASK == 0:
        inside = [f"QN={request.qn}"] if request.qn else []
        if cn == "9014" or not inside:
            inside.append(f"CN={request.cn}")
        answer = segment(
            qn="", st="91", cn=cn, pw=request.pw, mn=request.mn, flag=0, cp=";".join(inside)
        )
    else:
        bits = FLAG_2017_BITS if flag is None else flag & VERSION_MASK
        answer = segment(
            qn=request.qn, st="91", cn=cn, pw=request.pw, mn=request.mn, flag=bits, cp=""
        )
    return frame(answer)
