"""How values look on a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin import formats


def test_times_are_beijing() -> None:
    """UTC in, Beijing time out; nothing is a dash."""
    assert formats.beijing("2026-01-01T00:00:00Z") == "2026-01-01 08:00:00"
    assert formats.beijing("2026-01-01T20:00:00.250Z") == "2026-01-02 04:00:00"
    assert formats.beijing(None) == formats.beijing("") == "–"


@pytest.mark.parametrize(
    ("value", "extra", "text"),
    [
        (12.5, "", "12.5"),
        (0.1 + 0.2, "", "0.3"),
        (0.0, "x", "0"),
        (None, "on", "on"),
        (None, "", "–"),
    ],
)
def test_readings(value: float | None, extra: str, text: str) -> None:
    """No noise digits; a text where there is no number."""
    assert formats.reading(value, extra) == text


def test_amounts() -> None:
    """Grouped counts, durations and sizes in fitting units."""
    assert formats.grouped(1234567) == "1,234,567"
    assert [formats.seconds(n) for n in (0.4, 119, 120, 7200, 172800)] == [
        "0 s", "119 s", "2 min", "2 h", "2 d",
    ]  # fmt: skip
    assert [formats.size(n) for n in (0, 999, 1500, 20_000_000_000, 10**15)] == [
        "0 B", "999 B", "1.5 kB", "20.0 GB", "1000.0 TB",
    ]  # fmt: skip
    assert formats.grouped(None) == formats.seconds(None) == formats.size(None) == "–"


def test_raw_text_hides_passwords() -> None:
    """PW is blanked wherever it stands, also twice and unfinished."""
    assert formats.raw_text(b"ST=32;PW=123456;MN=A;pw=9") == "ST=32;PW=******;MN=A;pw=******"
    assert formats.raw_text(b"PW=") == "PW=******"


@given(st.binary(max_size=3000))
def test_any_bytes_are_readable(raw: bytes) -> None:
    """Whatever came is shown as printable text of bounded length."""
    text = formats.raw_text(raw)
    assert text.isprintable()
    assert len(text) <= 4 * formats.RAW_LIMIT + 40
    assert len(formats.raw_hex(raw)) < 200
