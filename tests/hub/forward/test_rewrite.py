"""Frames as a target wants them."""

from __future__ import annotations

import pytest
from feed_rig import NOON_US, frame, received, settings
from hub_rig import MN, sealed

from hj212d.hub.forward.rewrite import CannotRewrite, Rewrite, Rewritten
from hj212d.hub.reread import Rereader
from hj212d.wire import codec
from hj212d.wire.frame import Device, Frame
from hj212d.wire.tolerances import Tolerance

KEY = b"0123456789abcdef"


def read(raw: bytes, *keys: bytes, marks: int = 0) -> Frame:
    """The frame as the feed reads it."""
    return Rereader(lambda _: Device(keys=keys)).as_recorded(received(raw, marks=marks))


def rewritten(raw: bytes, *keys: bytes, marks: int = 0, **wanted: object) -> Rewritten:
    """What becomes of a frame for a target with these keys."""
    rewrite = Rewrite.of(settings(**wanted))
    assert rewrite is not None
    return rewrite.frame(read(raw, *keys, marks=marks), NOON_US)


def arrived(raw: bytes, *keys: bytes) -> Frame:
    """What the target reads; it must be good and unrepaired."""
    (cut,) = codec.Cutter().feed(raw + b"\r\n")
    found = codec.decode(cut, Device(Tolerance.NONE, keys))
    assert found.ok, found.reason
    return found


def test_mn_and_pw_change_and_nothing_else() -> None:
    """Length and CRC fit again; items keep their order and separators."""
    cp = "DataTime=20260601120000;w01018-Rtd=1.50,w01018-Flag=N;w01001-Rtd=7,w01001-Flag=N"
    new = rewritten(frame(cp=cp), set_mn=[f"{MN}=NEWNAME"], set_pw="654321")
    assert new.raw[6:-4] == frame(cp=cp, mn="NEWNAME", pw="654321")[6:-4]
    assert (new.mn, new.qn, new.wants_answer) == ("NEWNAME", "20260601000000000", True)
    arrived(new.raw)


def test_an_mn_that_is_not_named_keeps_its_name() -> None:
    """A map is no filter."""
    assert rewritten(frame(3), set_mn=["A=B"]).raw == frame(3)


@pytest.mark.parametrize(
    ("flag", "version", "expected"), [(5, "2025", 9), (4, "2025", 8), (11, "2017", 7)]
)
def test_the_version_is_in_flag(flag: int, version: str, expected: int) -> None:
    """The lower two bits stay."""
    packet = {"pnum": 2, "pno": 1} if flag & 2 else {}
    found = arrived(rewritten(frame(flag=flag, **packet), set_version=version).raw)
    assert (found.flag, found.version, found.pnum) == (expected, version, packet.get("pnum"))


def test_a_frame_of_2005_gets_what_2017_needs() -> None:
    """QN moves to the header, or is made of the moment of receipt; Flag asks for an answer."""
    cp = "DataTime=20260601120000;011-Rtd=1"
    named = rewritten(frame(qn="", flag=None, cp=f"QN=20260601120000123;{cp}"), set_version="2017")
    found = arrived(named.raw)
    assert (found.qn, found.flag, found.version) == ("20260601120000123", 5, "2017")
    assert found.items == [("DataTime", "20260601120000"), ("w01018-Rtd", "1")]
    nameless = rewritten(frame(qn="", flag=None, cp=cp), set_version="2017")
    assert nameless.qn == arrived(nameless.raw).qn == "20260601120000000"


def test_a_frame_for_2005_has_its_qn_in_cp() -> None:
    """And the codes of 2005."""
    new = rewritten(frame(7), set_version="2005")
    found = arrived(new.raw)
    assert b";Flag=1;CP=&&QN=20260601000007007;DataTime=" in new.raw
    assert (found.version, found.qn, new.qn) == ("2005", new.qn, "20260601000007007")
    assert list(found.factors) == ["011"]


def test_a_frame_of_2005_that_stays_one_keeps_its_form() -> None:
    """Only the MN changes."""
    raw = frame(qn="", flag=0, cp="QN=20260601120000123;DataTime=20260601120000;011-Rtd=1")
    new = rewritten(raw, set_mn=[f"{MN}=X"])
    assert new.raw[6:-4] == raw[6:-4].replace(MN.encode(), b"X")


def test_an_encrypted_frame_goes_out_plain() -> None:
    """Read with the device's keys."""
    new = rewritten(sealed(KEY), KEY, set_version="2017")
    assert arrived(new.raw).factors["a01011"]["Rtd"] == "1.35"


def test_frames_go_out_with_the_target_s_key() -> None:
    """Also those that came in plain; the CRC is that of the plain frame."""
    for raw, cp in ((sealed(KEY), "a01011"), (frame(flag=9), "w01018")):
        new = rewritten(raw, KEY, set_key="fedcba9876543210")
        assert b"-Rtd" not in new.raw[:-12]
        found = arrived(new.raw, b"fedcba9876543210")
        assert found.encrypted
        assert list(found.factors) == [cp]


def test_without_the_device_s_key_nothing_is_made() -> None:
    """The cipher says nothing."""
    with pytest.raises(CannotRewrite, match=r"^it cannot be read any more: key_missing$"):
        rewritten(sealed(KEY), set_version="2017")


def test_a_frame_that_becomes_too_long_is_refused() -> None:
    """Four digits declare 9999 bytes."""
    raw = frame(cp="DataTime=20260601120000;w01018-Info=" + "x" * 9840)
    with pytest.raises(CannotRewrite, match="the length field takes 9999"):
        rewritten(raw, marks=int(Tolerance.SEGMENT_OVERSIZE), set_mn=[f"{MN}=" + "N" * 64])


def test_a_repaired_frame_leaves_as_the_standard_writes_it() -> None:
    """What was accepted from the instrument need not be asked of the target."""
    raw = frame(1)
    raw = raw[:-4] + raw[-4:].lower()
    assert raw != frame(1)
    new = rewritten(raw, marks=int(Tolerance.CRC_LOWER_CASE), set_pw="123456")
    assert new.raw == frame(1)
