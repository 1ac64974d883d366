"""Instants in and out of the hub's answers."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212d.hub.times import iso, microseconds, parse


@pytest.mark.parametrize(
    ("time_us", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_767_225_600_000_000, "2026-01-01T00:00:00Z"),
        (1_767_225_600_250_000, "2026-01-01T00:00:00.250Z"),
        (None, None),
    ],
)
def test_iso(time_us: int | None, text: str | None) -> None:
    """UTC with a Z, milliseconds only where there are any."""
    assert iso(time_us) == text


def test_no_zone_is_beijing() -> None:
    """A text without a zone means Beijing time, one with a zone means what it says."""
    assert parse("2026-01-01T08:00:00") == datetime(2026, 1, 1)
    assert parse("2026-01-01T08:00:00Z") == datetime(2026, 1, 1, 8)
    assert parse("2026-01-01") == datetime(2025, 12, 31, 16)
    with pytest.raises(ValueError):
        parse("soon")


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)))
def test_there_and_back(moment: datetime) -> None:
    """What is written is read as the same millisecond."""
    time_us = microseconds(moment) // 1000 * 1000
    text = iso(time_us)
    assert text is not None
    assert microseconds(parse(text)) == time_us
