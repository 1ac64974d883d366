"""SM4 over CP: the published vectors, the rest that stays plain, the text form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212d.wire import sm4

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


def test_the_vector_of_the_cipher() -> None:
    """GB/T 32907-2016: key and plain text alike."""
    cipher = sm4.encrypt_cp(b"CP=&&" + KEY + b"&&", KEY)
    assert cipher[5:-2].hex().upper() == "681EDF34D206965E86B3E94F536E4246"


def test_the_example_of_the_standard() -> None:
    """HJ 212-2025, A.2: the beginning of the example's cipher, key of sixteen 0x30."""
    content = b"DataTime=20240520210600;a01011-Min=1.35,a01011-Avg=1.35"
    plain = b"CP=&&" + content + b"&&"
    cipher = sm4.encrypt_cp(plain, b"0" * 16)
    assert cipher[5:37].hex().upper() == (
        "E43E159ACFAB242CB53155FB8B9281A1A242577ABFAED881BE88B72D69FC55ED"
    )
    assert cipher[:5] == b"CP=&&"
    rest = len(content) % 16
    assert rest
    assert cipher[-rest - 2 :] == plain[-rest - 2 :]


@given(st.binary(max_size=200))
def test_decryption_is_the_inverse(content: bytes) -> None:
    """Any content comes back, and the length stays."""
    plain = b"CN=2011;CP=&&" + content + b"&&"
    cipher = sm4.encrypt_cp(plain, KEY)
    assert len(cipher) == len(plain)
    assert sm4.decrypt_cp(cipher, KEY) == plain


@given(st.binary(min_size=16, max_size=100))
def test_the_text_form_comes_back(content: bytes) -> None:
    """Cipher as {0x..} text is the same cipher; the plain rest stays as it is."""
    cipher = sm4.encrypt_cp(b"CN=2011;CP=&&" + content + b"&&", KEY)
    text = sm4.as_text(cipher)
    assert b"{0x" in text
    assert sm4.from_text(text) == cipher


@pytest.mark.parametrize("segment", [b"", b"CP=&&", b"CP=&&&", b"CN=2011;", b"CP=&&abc"])
def test_a_segment_without_content(segment: bytes) -> None:
    """Where there is no CP=&&...&& there is nothing to encrypt."""
    with pytest.raises(ValueError, match="no CP"):
        sm4.encrypt_cp(segment, KEY)
    with pytest.raises(ValueError, match="no CP"):
        sm4.decrypt_cp(segment, KEY)


@pytest.mark.parametrize("segment", [b"CP=&&DataTime=1&&", b"CP=&&{}&&", b"CP=&&{0xZZ}&&", b""])
def test_what_is_no_text_form(segment: bytes) -> None:
    """Plain content is not taken for a cipher written as text."""
    assert sm4.from_text(segment) is None
