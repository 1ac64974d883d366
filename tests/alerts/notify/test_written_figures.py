"""Numbers, moments and spans in messages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notify.figures import moment, number, span, told_apart, unit


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (182.04, "182"),
        (182.06, "182.1"),
        (12.345, "12.3"),
        (1.2345, "1.23"),
        (0.012345, "0.0123"),
        (1234.56, "1234.6"),
        (100.0, "100"),
        (20.0, "20"),
        (0.0, "0"),
        (-0.0, "0"),
        (-3.25, "-3.25"),
        (0.125, "0.125"),
        (999.96, "1000"),
        (1e-20, "0"),
        (1e15, "1000000000000000"),
        (float("nan"), "nan"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    """Three digits that say something, no exponent, no trailing zero."""
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_any_number(value: float) -> None:
    """It reads as what it was, but for the third digit."""
    text = number(value)
    assert "e" not in text.lower()
    assert abs(float(text) - value) <= max(abs(value) * 0.006, 1e-12)


def test_above_the_limit_looks_so() -> None:
    """100.04 above 100 must not read as 100 above 100."""
    assert told_apart(100.04, 100.0) == ("100.04", "100")
    assert told_apart(0.08004, 0.08) == ("0.08004", "0.08")
    assert told_apart(75.0, 75.0) == ("75", "75")
    assert told_apart(182.04, 75.0) == ("182", "75")


def test_units() -> None:
    """As they are printed; unknown ones as they are."""
    assert unit("ug/m3") == "µg/m³"
    assert unit("L/s") == "L/s"


def test_moments_are_of_beijing() -> None:
    """Whatever their zone."""
    assert moment(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == "2027-01-01 00:00"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "<1 分钟", "<1 min"),
        (59, "<1 分钟", "<1 min"),
        (60, "1 分钟", "1 min"),
        (3600, "1 小时", "1 h"),
        (3660, "1 小时 1 分钟", "1 h 1 min"),
        (90061, "1 天 1 小时", "1 d 1 h"),
        (-5, "<1 分钟", "<1 min"),
    ],
)
def test_spans(seconds: float, zh: str, en: str) -> None:
    """The two largest parts."""
    assert span(seconds, "zh") == zh
    assert span(seconds, "en") == en
