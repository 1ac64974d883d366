"""Numbers and times out of texts, and times as texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212d.wire.values import number, time_text, time_us


@pytest.mark.parametrize(
    ("text", "value"),
    [("35", 35.0), ("-9999", -9999.0), ("235.292750833832", 235.292750833832), ("1e-5", 1e-5),
     ("+1.5E3", 1500.0), (".5", 0.5), ("007", 7.0)],
)  # fmt: skip
def test_numbers(text: str, value: float) -> None:
    """What instruments write as numbers is read as such."""
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "--", "NaN", "nan", "inf", "-Infinity", "1e999", "1_000", "1,5", "N", "e", "0x10", "１２",
     " 1", "1 ", "1.2.3", "+-1"],
)  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    """Texts, infinities and Python's own spellings are no values."""
    assert number(text) is None


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_none(text: str) -> None:
    """Nothing raises."""
    value = number(text)
    assert value is None or value == float(text)


def test_times_are_beijing_time() -> None:
    """08:58:57 in Beijing is 00:58:57 UTC; milliseconds count."""
    assert time_us("20240601085857") == 1717203537_000000
    assert time_us("20240601085857223") == 1717203537_223000
    assert time_us("19700101080000") == 0


@pytest.mark.parametrize(
    "text",
    ["", "20240601", "202406010858", "20240631085857", "20230229000000", "20241301000000",
     "20240601240000", "20240601006000", "20240601000060", "00000101000000", "2024060108585x",
     "1617936069734", "２０２４０６０１０８５８５７", "-2024060108585", "202406010858572"],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    """Other lengths, days that no calendar has and hours that no clock has are no times."""
    assert time_us(text) is None


@given(st.datetimes())
def test_time_texts_are_the_exact_inverse(at) -> None:  # type: ignore[no-untyped-def]
    """Any time text of the calendar comes back."""
    text = f"{at.year:04d}{at:%m%d%H%M%S}"
    us = time_us(text)
    assert us is not None
    assert time_text(us) == text
    long = f"{text}{at.microsecond // 1000:03d}"
    us = time_us(long)
    assert us is not None
    assert time_text(us, milliseconds=True) == long


def test_years_outside_of_the_calendar() -> None:
    """There is no text for a time before the year 1 or after 9999."""
    with pytest.raises(OverflowError):
        time_text(10**18)
