"""CRC and encryption: what is plain, what is cipher, with which key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_samples import cut_all

from hj212d.wire import build, sm4
from hj212d.wire.crc import PRINTED, crc
from hj212d.wire.decode import decode
from hj212d.wire.frame import Device
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT
from hj212d.wire.unseal import key_of

KEY, OTHER = b"0123456789ABCDEF", b"another key of16"
HEADER = "QN=20260601085857223;ST=31;CN=2051;PW=123456;MN=M1;Flag=9;"


def sealed(content: str, key: bytes = KEY, encoding: str = "utf-8") -> bytes:
    plain = f"{HEADER}CP=&&{content}&&".encode(encoding)
    cipher = sm4.encrypt_cp(plain, key)
    return b"##%04d%s%s\r\n" % (len(cipher), cipher, PRINTED[crc(plain)])


def reason_of(stream: bytes, *keys: bytes) -> Reason:
    device = Device(DEFAULT, keys)
    (cut,) = cut_all(stream)
    return decode(cut, device).reason


@given(st.integers(0, 10**9))
def test_encrypted_frames_are_read_with_their_key(value: int) -> None:
    """Any content, whichever of the keys it is, and never without: also when the raw CRC fits."""
    content = f"DataTime=20260601085700;a01011-Avg={value},a01011-Flag=N"
    stream = sealed(content)
    (cut,) = cut_all(stream)
    frame = decode(cut, Device(DEFAULT, (OTHER, KEY)))
    assert (frame.reason, frame.encrypted) == (Reason.OK, True)
    assert frame.factors == {"a01011": {"Avg": str(value), "Flag": "N"}}
    assert frame.raw == stream[:-2]
    assert reason_of(stream) is Reason.KEY_MISSING
    assert reason_of(stream, OTHER) is Reason.KEY_WRONG


@pytest.mark.parametrize("text_form", [False, True])
def test_the_key_that_opened_a_frame_is_told(text_form: bool) -> None:
    """In the raw form and in the one that the standard prints; nothing for a plain frame."""
    plain = f"{HEADER}CP=&&DataTime=20260601085700;a01011-Avg=1.5,a01011-Flag=N&&".encode()
    cipher = sm4.encrypt_cp(plain, KEY)
    cipher = sm4.as_text(cipher) if text_form else cipher
    (cut,) = cut_all(b"##%04d%s%s\r\n" % (len(cipher), cipher, PRINTED[crc(plain)]))
    frame = decode(cut, Device(DEFAULT, (OTHER, KEY)))
    assert frame.encrypted
    assert key_of(frame, (OTHER, KEY)) == KEY
    assert key_of(frame, (OTHER,)) is None
    (cut,) = cut_all(build.frame(plain))
    assert key_of(decode(cut, Device(DEFAULT, (KEY,))), (KEY,)) is None


def test_chinese_text_under_encryption() -> None:
    """UTF-8 and GB18030 texts come out of a cipher, too."""
    content = "DataTime=20260601085700;i11001-Info=//清洗管路//"
    assert reason_of(sealed(content), KEY) is Reason.OK
    assert reason_of(sealed(content, encoding="gb18030"), KEY) is Reason.OK


def test_less_than_a_block_stays_plain() -> None:
    """A content below 16 bytes is not encrypted at all (HJ 212-2025, A.2)."""
    assert reason_of(sealed("PolId=w01018")) is Reason.OK


@pytest.mark.parametrize("at", [60, 110])
def test_one_damaged_byte_of_a_plain_frame_is_no_cipher(at: int) -> None:
    """Damage is a wrong CRC, not a missing key."""
    stream = bytearray(
        build.frame(f"{HEADER}CP=&&DataTime=20260601085700;a01011-Avg=1&&".encode())
    )
    stream[at - 10] ^= 0x80
    assert reason_of(bytes(stream)) is Reason.CRC_WRONG
    assert reason_of(bytes(stream), KEY) is Reason.CRC_WRONG


def test_a_damaged_crc() -> None:
    """A digit that is none any more: the segment may be whole, nothing vouches for it."""
    stream = build.frame(f"{HEADER}CP=&&&&".encode())
    assert reason_of(stream[:-3] + b"\xb1\r\n") is Reason.CRC_MISSING
