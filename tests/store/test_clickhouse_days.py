"""Beijing days and which of them are over."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from store.clickhouse_days import (
    DAY_US,
    day_of,
    first_open,
    is_closed,
    late_rows,
    may_close,
    start_of,
)


def us(text: str) -> int:
    """Microseconds since 1970 of a time in UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)


def test_a_day_begins_at_midnight_in_beijing() -> None:
    """16:00 UTC of the day before; before 1970, too."""
    (day,) = day_of(np.array([us("2026-05-31 16:00")])).tolist()
    assert day_of(np.array([us("2026-05-31 15:59:59.999999")])).tolist() == [day - 1]
    assert start_of(day) == us("2026-05-31 16:00")
    assert day_of(np.array([-DAY_US])).tolist() == [-1]


def test_between_open_and_closed_lies_a_margin() -> None:
    """A day is open for two hours after its end, and closed no sooner than after six."""
    (day,) = day_of(np.array([us("2026-06-01 04:00")])).tolist()
    end_s = start_of(day + 1) / 1e6
    noon = np.array([us("2026-06-01 04:00")])
    assert first_open(end_s + 2 * 3600 - 1) == day
    assert first_open(end_s + 2 * 3600) == day + 1
    assert not is_closed(noon, end_s + 2 * 3600 - 1).any()
    assert is_closed(noon, end_s + 2 * 3600).all()
    assert not may_close(day, end_s + 6 * 3600 - 1)
    assert may_close(day, end_s + 6 * 3600)


def test_late_days_are_rows() -> None:
    """Each once, with the batch that must be finished before they are looked at."""
    made = late_rows({("B", 3), ("A", 3)}, "node", 7)
    assert made["mn"].to_pylist() == ["A", "B"]
    assert set(made["batch"].to_pylist()) == {7}
