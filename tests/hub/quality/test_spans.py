"""Spans of days and those that they are compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from quality_rig import utc

from aqi.means.calendar import moment_of
from hj212d.hub.quality.spans import (
    Span,
    before,
    is_year,
    last_year,
    microseconds,
    months_of,
    parts,
    whole_days,
)


def span(first: date, behind: date) -> Span:
    """From the beginning of a day to that of another."""
    return Span(moment_of(first), moment_of(behind))


def test_whole_days() -> None:
    """What touches a day is all of it."""
    found = whole_days(datetime(2026, 10, 9, 17), datetime(2026, 10, 21, 17))
    assert found == span(date(2026, 10, 10), date(2026, 10, 23))
    assert (found.first, found.last, found.months) == (date(2026, 10, 10), date(2026, 10, 22), 0)
    assert whole_days(utc(date(2026, 10, 1)), utc(date(2026, 10, 2))).last == date(2026, 10, 1)
    with pytest.raises(ValueError, match="before"):
        whole_days(datetime(2026, 1, 1), datetime(2026, 1, 1))
    assert microseconds(datetime(2026, 1, 1, tzinfo=UTC)) == microseconds(datetime(2026, 1, 1))


def test_before() -> None:
    """As many days, or as many months."""
    week = span(date(2026, 3, 2), date(2026, 3, 9))
    assert before(week) == span(date(2026, 2, 23), date(2026, 3, 2))
    quarter = span(date(2026, 1, 1), date(2026, 4, 1))
    assert (quarter.months, before(quarter)) == (3, span(date(2025, 10, 1), date(2026, 1, 1)))
    assert before(span(date(2026, 3, 1), date(2026, 4, 1))).last == date(2026, 2, 28)


def test_last_year() -> None:
    """The same days of the calendar; a leap February ends where February ends."""
    assert last_year(span(date(2024, 2, 1), date(2024, 3, 1))).last == date(2023, 2, 28)
    leap = span(date(2024, 2, 29), date(2024, 3, 1))
    assert last_year(leap).start == last_year(leap).end == moment_of(date(2023, 3, 1))
    assert is_year(span(date(2024, 1, 1), date(2025, 1, 1)))
    assert not is_year(span(date(2024, 2, 1), date(2025, 2, 1)))


def test_parts() -> None:
    """Months of a quarter; none of a span that is not made of months."""
    quarter = span(date(2026, 1, 1), date(2026, 4, 1))
    assert [one.first.month for one in months_of(quarter)] == [1, 2, 3]
    assert len(parts(quarter, "week")) == 14
    with pytest.raises(ValueError, match="whole months"):
        months_of(span(date(2026, 1, 2), date(2026, 4, 1)))
