"""Targets as people see them."""

from __future__ import annotations

import pytest

from hj212d.cli.forward_text import target_row, targets_line

ROW = {
    "name": "province",
    "target": "10.0.0.1:9000",
    "state": "down",
    "acknowledged": 12,
    "unacknowledged": 3,
    "resent": 1,
    "dead": 0,
    "lag_bytes": 2048,
    "lag_seconds": 3.04,
    "error": "connection refused",
}


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (3.04, "3.0 s"), (600, "10 min"), (7260, "2 h 1 min")]
)
def test_a_row_tells_what_waits(seconds: float | None, text: str) -> None:
    """Counts, bytes, and the age of the oldest frame in words."""
    row = target_row({**ROW, "lag_seconds": seconds})
    assert row[0:4] == ("province", "10.0.0.1:9000", "down", "12")
    assert row[-2:] == (text, "connection refused")


def test_the_status_names_who_is_not_up() -> None:
    """With the reason; nothing without targets."""
    assert targets_line([]) == ""
    up = {**ROW, "name": "city", "state": "up", "error": ""}
    assert targets_line([up, ROW]) == "city up, province down (connection refused)"
