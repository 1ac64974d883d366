"""Notices of devices that want an MN, and what is none."""

from __future__ import annotations

from wire_samples import cut_all

from hj212d.wire import build
from hj212d.wire.activation import serials
from hj212d.wire.decode import decode
from hj212d.wire.frame import Frame


def notice(cp: str, *, cn: str = "1001", flag: int = 9, mn: str = "") -> Frame:
    """A frame with this content."""
    segment = build.segment(
        qn="20260601080000000", st="31", cn=cn, pw="123456", mn=mn, flag=flag, cp=cp
    )
    (cut,) = cut_all(build.frame(segment))
    return decode(cut)


def test_the_serial_numbers_of_a_notice() -> None:
    """With an empty MN or the factory's; texts may stand between //."""
    expected = {"i23005": "6970000000001ABCDEFG1234", "i23006": "12"}
    cp = "i23005-Info=6970000000001ABCDEFG1234;i23006-Info=//12//;PolId=x"
    assert serials(notice(cp)) == expected
    assert serials(notice(cp, mn="FACTORY1")) == expected


def test_what_is_no_notice() -> None:
    """Other commands, 2005's alarm time, too many and too long numbers."""
    many = ";".join(f"i23{number:03d}-Info=x" for number in range(9))
    assert serials(notice(many)) == {}
    assert serials(notice("i23005-Info=" + "x" * 101)) == {}
    assert serials(notice("WarnTime=5")) == {}
    assert serials(notice("i23005-Info=1", cn="3020", mn="M1")) == {}
    assert serials(notice("i23005-Info=1", flag=1, mn="M1")) == {}
