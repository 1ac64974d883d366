"""Decoding beyond the corpus: what broken pieces still tell, times, order of reasons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_samples import ALL, ANNEX_A, CONTENT, FRAME, HEADER, cut_all, read, read_content
from wire_samples import read_segment as segment_frame

from hj212d.wire import codec
from hj212d.wire.decode import mn_of
from hj212d.wire.frame import Cut, Device
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT, Tolerance


def test_all_fields_of_a_good_frame() -> None:
    """Every field of the type is filled from the frame of HJ 212-2017, Annex A, or stays empty."""
    frame = read(ANNEX_A)
    assert frame.ok
    assert (frame.raw, frame.offset, frame.length) == (ANNEX_A[:-2], 0, 101)
    assert (frame.declared_length, frame.crc, frame.crc_expected) == (101, "1C80", "1C80")
    assert (frame.version, frame.qn, frame.st, frame.cn) == (
        "2017", "20160801085857223", "32", "1062",
    )  # fmt: skip
    assert (frame.pw, frame.mn, frame.flag) == ("100000", "010000A8900016F000169DC0", 5)
    assert (frame.pnum, frame.pno, frame.rf, frame.encrypted) == (None, None, False, False)
    assert frame.wants_answer is True
    assert (frame.data_time_us, frame.qn_time_us) == (None, 1470013137_223000)
    assert frame.items == [("RtdInterval", "30")]
    assert (frame.cp, frame.factors) == ({"RtdInterval": "30"}, {})
    assert (frame.repairs, frame.warnings) == (Tolerance.NONE, [])


def test_frames_do_not_share_their_containers() -> None:
    """What is added to one frame's lists and maps is not in the next one's."""
    first, second = read(b"junk"), read(b"junk")
    first.warnings.append("x")
    first.items.append(("a", "b"))
    first.cp["a"] = "b"
    assert (second.warnings, second.items, second.cp) == ([], [], {})


def test_broken_pieces_tell_their_device() -> None:
    """A truncated frame is counted for its MN when that is whole, and read up to there."""
    (cut,) = cut_all(FRAME[:90])
    frame = codec.decode(cut)
    assert (frame.reason, frame.mn, frame.cn) == (Reason.TRUNCATED, "A110000_0001", "2011")
    assert (frame.version, frame.flag, frame.qn) == ("2017", 5, "20240601085857223")
    (cut,) = cut_all(FRAME[: FRAME.index(b"_0001") + 2])
    assert codec.decode(cut).mn == ""
    (cut,) = cut_all(b"http://www.cmsoft.cn")
    frame = codec.decode(cut)
    assert (frame.reason, frame.version, frame.mn) == (Reason.JUNK, "", "")


@pytest.mark.parametrize(
    ("raw", "mn"),
    [
        (FRAME, "A110000_0001"),
        (b"##0101MN=a-b_C,CN=1", "a-b_C"),
        (b"PW=1;MN = X1 ;", "X1"),
        (b"MN=X1CP=&&", "X1"),
        (b"XMN=Y;MN=X1;", "X1"),
        (b"MN=;CN=1001;", ""),
        (b"MN=X1", ""),
        (b"MN=X/1;", ""),
        (b"", ""),
        (b"MN=" + b"x" * 65 + b";", ""),
    ],
)
def test_peeking_at_the_mn(raw: bytes, mn: str) -> None:
    """The MN of a piece, when it is whole and may be one."""
    assert mn_of(raw) == mn


@given(st.binary(max_size=200), st.sampled_from(Reason), st.integers(0, 200), st.integers(0, 200))
def test_any_cut_is_read(raw: bytes, reason: Reason, start: int, end: int) -> None:
    """Nothing raises, whatever a cut says of its bytes."""
    cut = Cut(reason, raw, 0, min(start, end), max(start, end), 0, "FFFF")
    for device in (Device(), Device(ALL, (b"0" * 16,))):
        assert codec.decode(cut, device).raw == raw


def test_the_first_reason_stays_and_the_rest_is_read() -> None:
    """A frame with a bad Flag and a bad item is rejected for the Flag; its data are read."""
    frame = segment_frame(f"{HEADER.replace('Flag=5', 'Flag=x')}CP=&&{CONTENT};a.b-Rtd=1&&")
    assert frame.reason is Reason.FLAG_MALFORMED
    assert frame.factors["a34004"] == {"Rtd": "35", "Flag": "N"}
    assert frame.data_time_us == 1717203537_000000


@pytest.mark.parametrize("cn", ["2011", "2021", "2031", "2041", "2051", "2061", "2111"])
def test_data_need_a_time_and_requests_do_not(cn: str) -> None:
    """An upload of data without DataTime is no good; the same CN with empty CP is a request."""
    header = HEADER.replace("2011", cn)
    assert segment_frame(f"{header}CP=&&a1-Rtd=1&&").reason is Reason.DATA_TIME_MALFORMED
    assert segment_frame(f"{header}CP=&&&&").ok
    request = "BeginTime=20240601000000,EndTime=20240602000000"
    assert segment_frame(f"{header}CP=&&{request}&&").ok


def test_a_repair_that_a_device_may_not_need() -> None:
    """The same frame is good for one device and refused for another; the repair is named."""
    content = CONTENT.replace(";", ",")
    frame = read_content(content, Device(DEFAULT))
    assert (frame.reason, frame.repairs) == (Reason.OK, Tolerance.SEPARATOR_LOOSE)
    frame = read_content(content, Device(Tolerance.NONE))
    assert (frame.reason, frame.repairs) == (Reason.ITEM_MALFORMED, Tolerance.SEPARATOR_LOOSE)
    assert frame.factors["a21026"] == {"Rtd": "6", "Flag": "N"}


def test_repairs_of_damaged_bytes_do_not_count() -> None:
    """A frame with a wrong CRC says nothing of the habits of its device."""
    frame = read(FRAME[:-6].replace(b";a2", b",a2") + b"FFFF")
    assert (frame.reason, frame.repairs) == (Reason.CRC_WRONG, Tolerance.NONE)


def test_envelope_repairs_are_checked_again() -> None:
    """A cut made with other tolerances does not get past those of the device."""
    short = b"##99" + FRAME[6:]
    segment = FRAME[6:-6]
    short = b"##%d" % len(segment) + segment + FRAME[-6:]
    (cut,) = cut_all(short, ALL)
    assert codec.decode(cut, Device(ALL)).ok
    assert codec.decode(cut, Device(DEFAULT)).reason is Reason.LENGTH_NOT_NUMERIC
