"""Frames that the tests of this folder share, and builders for variants of them."""

from __future__ import annotations

from hj212d.wire import build, codec
from hj212d.wire.frame import Cut, Device, Frame
from hj212d.wire.tolerances import DEFAULT, Tolerance

HEADER = "QN=20240601085857223;ST=22;CN=2011;PW=123456;MN=A110000_0001;Flag=5;"
CONTENT = "DataTime=20240601085857;a34004-Rtd=35,a34004-Flag=N;a21026-Rtd=6,a21026-Flag=N"
SEGMENT = f"{HEADER}CP=&&{CONTENT}&&".encode()
FRAME = build.frame(SEGMENT)

# HJ 212-2017, Annex A.
ANNEX_A = (
    b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;"
    b"Flag=5;CP=&&RtdInterval=30&&1C80\r\n"
)

ALL = Tolerance.of(member.name.lower() for member in Tolerance if member.name)


def cut_all(stream: bytes, tolerances: Tolerance = DEFAULT, limit: int = 4096) -> list[Cut]:
    """All cuts of a stream that ends here."""
    cutter = codec.Cutter(limit, tolerances)
    return cutter.feed(stream) + cutter.expire()


def read(stream: bytes, device: Device | None = None) -> Frame:
    """The one frame of a stream."""
    device = device or Device()
    (cut,) = cut_all(stream, device.tolerances)
    return codec.decode(cut, device)


def read_segment(text: str | bytes, device: Device | None = None) -> Frame:
    """The frame around a data segment."""
    return read(build.frame(text.encode() if isinstance(text, str) else text), device)


def read_content(content: str, device: Device | None = None) -> Frame:
    """The frame around HEADER and this content of CP."""
    return read_segment(f"{HEADER}CP=&&{content}&&", device)
