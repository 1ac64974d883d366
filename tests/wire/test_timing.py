"""Timeouts and resends by medium."""

from __future__ import annotations

import pytest

from hj212d.wire.timing import Timing, timing


@pytest.mark.parametrize(
    ("medium", "expected"),
    [("GPRS", Timing(10, 3)), ("TD-LTE", Timing(10, 3)), ("ADSL", Timing(5, 3)),
     ("NB-IoT", Timing(30, 5)), ("", Timing(10, 3)), ("carrier pigeon", Timing(10, 3))],
)  # fmt: skip
def test_the_standards_table(medium: str, expected: Timing) -> None:
    """HJ 212-2017, table 1, and NB-IoT of 2025; an unknown medium counts as GPRS."""
    assert timing(medium) == expected


def test_what_was_set_by_1000_goes_before() -> None:
    """OverTime and ReCount, each by itself."""
    assert timing("ADSL", over_time_s=20, re_count=0) == Timing(20, 0)
    assert timing("ADSL", re_count=7) == Timing(5, 7)
