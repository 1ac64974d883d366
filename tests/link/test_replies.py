"""hj212d/link/replies.py: which frame gets which answer."""

from typing import Any

import pytest
from link_rig import MN, read, upload

from hj212d.link.replies import reply
from hj212d.link.settings import LinkSettings
from hj212d.wire.frame import Frame
from hj212d.wire.reasons import Reason


def answer(sent: bytes, reason: Reason = Reason.OK, **link: Any) -> Frame | None:
    """The answer to the one frame in ``sent``."""
    [frame] = read(sent)
    raw = reply(frame, reason, LinkSettings(**link))
    if raw is None:
        return None
    [answered] = read(raw)
    assert answered.reason is Reason.OK
    return answered


def cn_of(frame: Frame | None) -> str | None:
    """CN of an answer, None without one."""
    return None if frame is None else frame.cn


@pytest.mark.parametrize(
    ("flag", "cn"), [(5, "9014"), (4, None), (9, "9014"), (8, None), (1, "9014"), (7, "9014")]
)
def test_upload_is_answered_when_bit_0_asks(flag: int, cn: str | None) -> None:
    """Bit 0 of Flag decides, in all three versions and in packets."""
    packet = {"pnum": 2, "pno": 1} if flag & 2 else {}
    assert cn_of(answer(upload(1, flag=flag, **packet))) == cn


@pytest.mark.parametrize(("flag", "bits"), [(5, 4), (9, 8)])
def test_answer_has_the_version_bits_of_the_request(flag: int, bits: int) -> None:
    """G11: the answer is written in the version that was asked in."""
    found = answer(upload(1, flag=flag))
    assert found is not None
    assert (found.flag, found.st, found.mn, found.qn) == (bits, "91", MN, "20260601000001001")


@pytest.mark.parametrize("cn", ["9011", "9012", "9013", "9014", "9010", "9016", "9019"])
@pytest.mark.parametrize("flag", [4, 5, 9])
def test_answers_are_never_answered(cn: str, flag: int) -> None:
    """D10: two sides that answer each other's answers loop for ever."""
    assert answer(upload(1, cn=cn, flag=flag, cp="QnRtn=1")) is None


@pytest.mark.parametrize("flag", [8, 9])
def test_heartbeat_gets_9013(flag: int) -> None:
    """G6: 9015 is the one of its family that is answered, whatever bit 0 says."""
    assert cn_of(answer(upload(1, cn="9015", flag=flag, cp=""))) == "9013"


@pytest.mark.parametrize("cn", ["1013", "1014"])
def test_notice_gets_9013(cn: str) -> None:
    """Notices of the field are answered as notices."""
    assert cn_of(answer(upload(1, cn=cn, cp="PolId=w01018"))) == "9013"


def test_serials_before_activation_are_answered_with_an_empty_mn() -> None:
    """D4: 1001 of 2025 comes before the device has an MN."""
    found = answer(upload(1, cn="1001", mn="", flag=9, cp="i23005-Info=1"))
    assert found is not None
    assert (found.cn, found.mn) == ("9013", "")


def test_missing_flag_is_answered_only_where_configured() -> None:
    """D8: without Flag uploads are not answered by default; when they are, in the form of 2005."""
    old = upload(1, flag=None, qn="", cp="QN=20260601000001001;DataTime=20260601000000;011-Rtd=1")
    assert answer(old) is None
    found = answer(old, answer_without_flag=True)
    assert found is not None
    assert found.cn == "9014"
    assert found.cp["QN"] == "20260601000001001"


@pytest.mark.parametrize("cn", ["9021", "8888"])
def test_unknown_cn_is_answered_unless_switched_off(cn: str) -> None:
    """G6: a vendor's login waits for its 9014; without bit 0, or Flag, it gets none."""
    assert cn_of(answer(upload(1, cn=cn))) == "9014"
    assert answer(upload(1, cn=cn), answer_unknown_cn=False) is None
    assert answer(upload(1, cn=cn, flag=4)) is None
    assert answer(upload(1, cn=cn, flag=None), answer_without_flag=True) is None


def test_command_of_the_host_is_not_answered() -> None:
    """An echo of our own command is no upload."""
    assert answer(upload(1, cn="1012", cp="SystemTime=20260601000000")) is None


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason])
def test_bad_frame_gets_no_answer(reason: Reason) -> None:
    """There is no negative answer in HJ 212: the host stays silent."""
    assert answer(upload(1), reason) is None


@pytest.mark.parametrize(
    ("reason", "cn"),
    [
        (Reason.ITEM_MALFORMED, "9014"),
        (Reason.DATA_TIME_MALFORMED, "9014"),
        (Reason.PW_WRONG, "9014"),
        (Reason.CRC_WRONG, None),
        (Reason.CRC_MODBUS, None),
        (Reason.TRUNCATED, None),
        (Reason.KEY_MISSING, None),
    ],
)
def test_quarantined_frame_is_answered_where_configured(reason: Reason, cn: str | None) -> None:
    """G13: only when the CRC fits, so that a device is not stuck on one bad record."""
    assert cn_of(answer(upload(1), reason, acknowledge_quarantined=True)) == cn


def test_echo_that_would_not_fit_gets_no_answer() -> None:
    """A PW that fills a frame is not sent back in one that is too long."""
    assert answer(upload(1, pw="x" * 950), max_segment_bytes=4096) is None
