"""Text from outside, made fit for a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notify.plain import cut, cut_bytes, lines, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("西湖站", "西湖站"),
        (" a \r\nBcc: b@c ", "a Bcc: b@c"),
        ("a\x00b\x1b[31mc", "a b [31mc"),
        ("a\u2028b\u2029c\x85d\x0be", "a b c d e"),
        ("a\u202egnp.exe\u200b", "agnp.exe"),
        ("\t\n", ""),
        ("\ud800x", "x"),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    """Line ends and control characters become blanks, unseen marks vanish."""
    assert plain(text) == expected


@given(st.text(), st.integers(1, 50))
def test_whatever_it_is(text: str, most: int) -> None:
    """One line, not too long, fit for UTF-8; made plain again it is the same."""
    made = plain(text, most)
    assert len(made) <= most
    assert len(made.splitlines()) <= 1
    made.encode()
    assert plain(made, most) == made


def test_line_ends_of_a_text_stay() -> None:
    """And nothing else of that kind."""
    assert lines("a\r\n\r\nb\x07c") == "a\n\nb c"


def test_cut() -> None:
    """The last character says that something is missing."""
    assert cut("12345", 5) == "12345"
    assert cut("123456", 5) == "1234…"
    assert cut("123 56", 5) == "123…"


@given(st.text(st.characters(codec="utf-8")), st.integers(3, 60))
def test_cut_by_bytes(text: str, most: int) -> None:
    """Never within a character."""
    made = cut_bytes(text, most)
    assert len(made.encode()) <= most
    assert made == text or (made.endswith("…") and text.startswith(made[:-1]))
