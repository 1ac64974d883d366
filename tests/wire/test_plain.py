"""The compiled reader of plain frames: which frames are plain, and what it says of them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wire_samples import ANNEX_A, CONTENT, FRAME, HEADER, SEGMENT

from bench import twins
from bench.instruments import envelope, roster, schedule
from hj212d.hub.rows import number_of
from hj212d.wire import build, crc
from hj212d.wire.frame import Device
from hj212d.wire.tolerances import DEFAULT

pytestmark = pytest.mark.usefixtures("compiled")
if twins.compiled() is not None:
    from hj212d.wire import _plain

DAY_S = 1_780_243_200.0


def plain(segment: str) -> bool:
    """Whether the frame around a segment is plain."""
    return _plain.facts_at(build.frame(segment.encode())) is not None


def plain_content(content: str) -> bool:
    """Whether the frame around HEADER and this content of CP is plain."""
    return plain(f"{HEADER}CP=&&{content}&&")


def test_what_a_plain_frame_says() -> None:
    """Every field of Plain, for a frame in the middle of other bytes."""
    facts = _plain.facts_at(b"noise" + FRAME, 5)
    assert facts == {
        "begin": 5,
        "end": 5 + len(FRAME) - 2,
        "length": len(SEGMENT),
        "qn": "20240601085857223",
        "st": "22",
        "cn": "2011",
        "pw": "123456",
        "mn": "A110000_0001",
        "body": CONTENT,
        "cn_number": 2011,
        "flag": 5,
        "pnum": 0,
        "pno": 0,
        "rf": False,
        "version": "2017",
        "repairs": 0,
        "qn_time_us": 1717203537_223000,
        "data_time_us": 1717203537_000000,
        "factors": 2,
        "items": [
            ("", "DataTime", "20240601085857"),
            ("a34004", "Rtd", "35"),
            ("a34004", "Flag", "N"),
            ("a21026", "Rtd", "6"),
            ("a21026", "Flag", "N"),
        ],
    }


@pytest.mark.parametrize(
    "segment",
    [
        "CN=9015;MN=1;CP=&&&&",
        "QN=20240601085857223;ST=91;CN=9014;MN=M1;CP=&&&&",
        "ST=32;CN=2011;PW=1;MN=M1;CP=&&DataTime=20240601085857;011-Rtd=1,011-Flag=N&&",
        "ST=91;CN=9011;PW=1;MN=M1;Flag=0;CP=&&QN=20040516010101001;QnRtn=1&&",
        f"{HEADER}PNUM=2;PNO=1;RF=1;CP=&&{CONTENT}&&",
        f"{HEADER}CP=&&PNUM=3;PNO=3;{CONTENT}&&",
        f"{HEADER}CP=&&DataTime=20240601085857;L5-Data=1;L9-Data=2;L5-DayData=3&&",
        f"{HEADER}CP=&&DataTime=20240601085857;a1-Rtd=,a1-Flag=a/b&&",
        f"{HEADER}CP=&&DataTime=20240601085857;{'a' * 32}-{'R' * 32}=1&&",
    ],
)
def test_ordinary_frames_are_plain(segment: str) -> None:
    """Old and new versions, packets, empty CP, answers, noise that returns to a code."""
    assert plain(segment)


@pytest.mark.parametrize(
    "segment",
    [
        "ST=32;CN=2011;MN=M1;QN=1;CP=&&&&",  # order
        "QN=1;QN=2;CN=2011;MN=M1;CP=&&&&",
        "QN=1;CN=2011;MN=M1;Odd=1;CP=&&&&",
        "QN=1;CN=20x1;MN=M1;CP=&&&&",
        "QN=1;CN=2011;MN=M.1;CP=&&&&",
        "QN=1;CN=2011;MN=M1;Flag=256;CP=&&&&",
        "QN=1;CN=2011;MN=M1;Flag=;CP=&&&&",
        "QN=1;CN=2011;MN=M1;PNUM=2;CP=&&&&",
        "QN=1;CN=2011;MN=M1;PNUM=2;PNO=3;CP=&&&&",
        "QN=1;CN=2011;MN=M1 ;CP=&&&&",
        "QN=1,CN=2011;MN=M1;CP=&&&&",
        "QN=1;CN=2011;MN=M1;CP=&&",
        "QN=1;CN=2011;MN=M1;CP=&&&",
        "QN=1;CN=2011;MN=M1;CP=a&&",
        "QN=1;MN=M1;Flag=5;CP=&&&&",
        "QN=1;CN=2011;Flag=5;CP=&&&&",
        "QN=20240601085857223;CN=1001;MN=;CP=&&&&",  # good, but not usual
    ],
)
def test_headers_that_are_not_plain(segment: str) -> None:
    """What needs a repair or is malformed is for the Python reader."""
    assert not plain(segment)


@pytest.mark.parametrize(
    "content",
    [
        CONTENT + ";",
        CONTENT + ",",
        ";" + CONTENT,
        CONTENT.replace(",", ";"),
        CONTENT.replace(";", ","),
        CONTENT + ";a34004-Rtd=36",
        CONTENT + ";DataTime=20240601085857",
        CONTENT + ";Flag=N",
        CONTENT + ";a1-Rtd=1=2",
        CONTENT + ";a1-Rtd",
        CONTENT + ";-Rtd=1",
        CONTENT + ";a1-=1",
        CONTENT + ";a1-Rtd=1&2",
        CONTENT + ";a1-Rtd=//1//",
        CONTENT + ";a1-Rtd= 1",
        CONTENT + ";a1-Rtd=1\x7f",
        CONTENT + ";a1-Rtd=清",
        CONTENT + f";{'a' * 33}-Rtd=1",
        CONTENT + f";a1-{'R' * 33}=1",
        CONTENT.replace("20240601085857", "20240601085857000"),
        CONTENT.replace("20240601085857", "20240631085857"),
        CONTENT.replace("DataTime=20240601085857;", ""),
    ],
)
def test_contents_that_are_not_plain(content: str) -> None:
    """Neither are stray separators, repetitions, marks without a factor, text and bad times."""
    assert plain_content(CONTENT)
    assert not plain_content(content)


def test_every_changed_byte_is_noticed() -> None:
    """No frame with one bit flipped is read as the plain one it was."""
    for at in range(len(ANNEX_A) - 2):
        for bit in range(8):
            broken = bytearray(ANNEX_A)
            broken[at] ^= 1 << bit
            facts = _plain.facts_at(bytes(broken))
            # A CRC of 8 bits of state misses no single bit.
            assert facts is None, broken


def test_a_frame_must_be_there_to_its_end() -> None:
    """Nothing is read beyond the bytes that are there, or above the limit."""
    for size in range(len(FRAME) - 2):
        assert _plain.facts_at(FRAME[:size]) is None
    assert _plain.facts_at(FRAME, 0, len(SEGMENT)) is not None
    assert _plain.facts_at(FRAME, 0, len(SEGMENT) - 1) is None


def test_many_factors_and_fields() -> None:
    """What does not fit the tables of the C reader is left to the other one."""
    many = ";".join(f"f{number}-Rtd={number}" for number in range(500))
    frame = build.frame(f"{HEADER}CP=&&DataTime=20240601085857;{many}&&".encode())
    facts = _plain.facts_at(frame)
    assert facts is not None
    assert (facts["factors"], facts["repairs"]) == (500, 8)
    more = ";".join(f"f{number}-R=1" for number in range(513))
    assert not plain_content(f"DataTime=20240601085857;{more}")
    assert not plain_content(";".join(f"Field{number}=1" for number in range(65)))


@given(st.text("0123", min_size=14, max_size=14) | st.from_regex(r"20[0-9]{12}", fullmatch=True))
@example("20240229120000")
@example("21000229120000")
@example("00010101000000")
@example("00000101000000")
@example("99991231235959")
def test_times(text: str) -> None:
    """A DataTime that is none makes the frame not plain; one that is, is the same microsecond."""
    raw = build.frame(f"{HEADER}CP=&&DataTime={text};a1-Rtd=1&&".encode())
    (cut,) = twins.PYTHON.cutter(4096, DEFAULT).feed(raw)
    frame = twins.PYTHON.decode(cut, Device())
    facts = _plain.facts_at(raw)
    assert (facts is not None) == frame.ok
    assert facts is None or facts["data_time_us"] == frame.data_time_us


def same_number(text: str) -> bool:
    """Whether the text is the same number to the last bit, or none, as for hub/rows.py."""
    expected, found = number_of(text), _plain.number_of(text.encode())
    if expected is None or found is None:
        return expected is found
    return struct.pack("d", expected) == struct.pack("d", found)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 25))
def test_numbers(value: float, digits: int) -> None:
    """Short, exact and overlong forms of any number are read as float() does."""
    for text in (
        repr(value),
        f"{value:.{digits}e}",
        f"{value:+.{digits}f}",
        f"{value:.{digits}g}",
    ):
        assert same_number(text), text


@given(st.integers(-(2**70), 2**70), st.integers(-40, 40))
def test_long_numbers(digits: int, exponent: int) -> None:
    """So are those with more digits than a double, at the edges of the quick way."""
    for text in (f"{digits}", f"{digits}e{exponent}", f"{digits}.{abs(digits)}", f"{digits}E-22"):
        assert same_number(text), text


@given(st.text("0019.+-eE_ \tnaif", max_size=12) | st.text(st.characters(codec="ascii")))
@example("9007199254740993")
@example("1e22")
@example("1e23")
@example("-0")
@example("1e400")
@example("1e-400")
@example("")
@example(".")
@example("1e")
@example("0x10")
@example("1\0")
@example("0" * 400 + "1")
@example("1" * 400)
@example("0e99999999999999999999")
def test_texts_that_may_be_numbers(text: str) -> None:
    """What is no number for the one is none for the other."""
    assert same_number(text)


@given(st.binary(max_size=2000), st.integers(0, 0xFFFF))
def test_crc(data: bytes, register: int) -> None:
    """The CRC and its continuation are those of crc.py."""
    assert _plain.crc(data, register) == crc.crc(data, register)
    assert _plain.crc(data) == crc.crc(data)


def test_separators() -> None:
    """CR, LF, blank and NUL stand between frames, nothing else."""
    assert _plain.separators_at(b"##", 0) == 0
    assert _plain.separators_at(b"x\r\n \0##", 1) == 5
    assert _plain.separators_at(b"x\t", 1) == 1
    assert _plain.separators_at(b"x\r", 1) == 2


def test_all_ascii_frames_of_good_instruments_are_plain() -> None:
    """A simulated fleet of all versions without odd habits, encrypted frames left out."""
    good = found = 0
    for station in roster.make(85, 7, odd_share=0.0):
        dues = schedule.at_start(station, DAY_S) + schedule.due(station, DAY_S, DAY_S + 120, 60.0)
        qns = ["20260601000000000"] * 100
        for upload in (one for due in dues for one in envelope.uploads(station, due, qns)):
            if upload.raw.isascii():
                (cut,) = twins.PYTHON.cutter(4096, DEFAULT).feed(upload.raw)
                good += twins.PYTHON.decode(cut, Device()).ok
                found += _plain.facts_at(upload.raw) is not None
    assert found == good > 300
