"""Frames and replies byte for byte."""

from __future__ import annotations

import pytest
from wire_samples import ANNEX_A, read, read_segment

from hj212d.wire import build
from hj212d.wire.frame import Frame
from hj212d.wire.reasons import Reason


def test_the_frame_of_annex_a() -> None:
    """HJ 212-2017, Annex A, built from its fields."""
    segment = build.segment(
        qn="20160801085857223", st="32", cn="1062", pw="100000",
        mn="010000A8900016F000169DC0", flag=5, cp="RtdInterval=30",
    )  # fmt: skip
    assert build.frame(segment) == ANNEX_A


def test_the_order_of_all_fields() -> None:
    """PNUM, PNO and RF stand behind Flag; what is empty is left out, but MN."""
    assert (
        build.segment(
            qn="1", st="22", cn="2061", pw="p", mn="m", flag=11, cp="a", pnum=2, pno=1, rf=True
        )
        == b"QN=1;ST=22;CN=2061;PW=p;MN=m;Flag=11;PNUM=2;PNO=1;RF=1;CP=&&a&&"
    )
    assert build.segment(qn="", st="", cn="", pw="", mn="", flag=None, cp="") == b"MN=;CP=&&&&"


def test_a_segment_that_no_length_field_can_tell() -> None:
    """10,000 bytes are refused, 9,999 are not."""
    assert build.frame(b"x" * 9999).startswith(b"##9999x")
    with pytest.raises(ValueError, match="10000"):
        build.frame(b"x" * 10000)


@pytest.mark.parametrize(
    ("request_segment", "cn", "reply"),
    [
        (
            "QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
            "CP=&&&&",
            "9014",
            # HJ 212-2017, C.14
            b"##0087QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;"
            b"Flag=4;CP=&&&&3240\r\n",
        ),
        (
            "QN=20240601085857223;ST=32;CN=9015;PW=123456;MN=010000A8900016F000169DC0;Flag=9;"
            "CP=&&&&",
            "9013",
            # HJ 212-2025, after C.54
            b"##0087QN=20240601085857223;ST=91;CN=9013;PW=123456;MN=010000A8900016F000169DC0;"
            b"Flag=8;CP=&&&&3900\r\n",
        ),
        (
            "QN=20240601085857223;ST=32;CN=1001;PW=123456;MN=;Flag=9;CP=&&i23005-Info=1&&",
            "9013",
            b"##0063QN=20240601085857223;ST=91;CN=9013;PW=123456;MN=;Flag=8;CP=&&&&48C0\r\n",
        ),
    ],
)
def test_replies_of_2017_and_2025(request_segment: str, cn: str, reply: bytes) -> None:
    """The answers that the standards print."""
    assert build.reply(read_segment(request_segment), cn) == reply


@pytest.mark.parametrize(
    ("header", "cn", "segment"),
    [
        ("ST=32;CN=2011;PW=1;MN=M;", "9014", b"ST=91;CN=9014;PW=1;MN=M;Flag=0;CP=&&CN=2011&&"),
        ("ST=32;CN=2072;PW=1;MN=M;", "9013", b"ST=91;CN=9013;PW=1;MN=M;Flag=0;CP=&&CN=2072&&"),
        (
            "QN=7;ST=32;CN=2011;PW=1;MN=M;Flag=1;",
            "9014",
            b"ST=91;CN=9014;PW=1;MN=M;Flag=0;CP=&&QN=7;CN=2011&&",
        ),
        (
            "QN=7;ST=32;CN=2072;PW=1;MN=M;Flag=3;",
            "9013",
            b"ST=91;CN=9013;PW=1;MN=M;Flag=0;CP=&&QN=7&&",
        ),
        ("ST=32;CN=2011;MN=M;", "9014", b"ST=91;CN=9014;MN=M;Flag=0;CP=&&CN=2011&&"),
    ],
)
def test_replies_of_2005(header: str, cn: str, segment: bytes) -> None:
    """QN, and for data CN, stand inside CP; a missing PW stays out."""
    assert build.reply(read_segment(f"{header}CP=&&&&"), cn) == build.frame(segment)


@pytest.mark.parametrize("flag", range(4, 16))
def test_the_version_bits_of_the_request(flag: int) -> None:
    """The reply has the bits of the request, wants no answer and is no packet."""
    frame = read_segment(f"QN=20210301111100112;ST=22;CN=2011;PW=1;MN=M;Flag={flag};CP=&&&&")
    reply = read(build.reply(frame, "9014"))
    assert (reply.flag, reply.qn, reply.st) == (flag & ~3, "20210301111100112", "91")
    assert (reply.reason, reply.cn, reply.mn) == (Reason.OK, "9014", "M")


def test_an_odd_qn_is_echoed() -> None:
    """QN is an opaque text (docs/quirks.md, D1)."""
    frame = Frame(Reason.OK, b"", version="2017", qn="1617936069734", cn="2011", mn="M", pw="1")
    assert build.reply(frame, "9014").startswith(b"##0055QN=1617936069734;ST=91;CN=9014;")
