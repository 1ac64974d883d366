"""Capture rate of a quarter."""

from __future__ import annotations

import pytest

from aqi.flue.capture import capture


def test_capture_by_hand() -> None:
    """(2160 - 160 - 200) / (2160 - 160): 90 %."""
    found = capture(2160, 160, 200)
    assert found.percent == 90
    assert found.enough
    assert not capture(2160, 160, 501).enough
    assert capture(2160, 160, 500).percent == 75
    assert capture(2160, 160, 500).enough


def test_a_quarter_of_standing_still_misses_nothing() -> None:
    """There is no rate, and nothing to ask for."""
    assert capture(2160, 2160, 0).percent is None
    assert capture(2160, 2160, 0).enough


def test_more_hours_than_there_are() -> None:
    """Our fault, not a rate above 100 %."""
    with pytest.raises(ValueError, match="more hours"):
        capture(10, 6, 5)
