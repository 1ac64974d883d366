"""Rows of air quality as people see them: even decimals, marks said once."""

from __future__ import annotations

from hj212d.cli.quality_rows import _even, _marks


def test_a_column_has_even_decimals() -> None:
    """As many as its most exact number; what is missing stays empty."""
    assert _even([3.1, 2.77, None, 3.0]) == ["3.10", "2.77", "", "3.00"]
    assert _even([None, None]) == ["", ""]
    assert _even([]) == []


def test_a_mark_of_all_six_is_said_once() -> None:
    """Others stay beside it; of five each is named."""
    five = ";".join(f"{name}:short" for name in ("PM2.5", "PM10", "SO2", "NO2", "CO"))
    assert _marks(five) == five
    assert _marks(f"{five};O3:short") == "all:short"
    assert _marks(f"two_standards;{five};O3:short") == "all:short;two_standards"
    assert _marks("") == ""
