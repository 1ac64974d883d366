"""Quiet hours, to the minute, over midnight and within a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from alerts.notify.figures import BEIJING
from alerts.notify.quiet_hours import comes_through, quiet_until
from store.registry.alert_records import SEVERITIES, ContactRecord


def at(text: str) -> datetime:
    """A moment of Beijing."""
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=BEIJING)


def contact(begin: str, end: str) -> ContactRecord:
    """Somebody who sleeps then."""
    return ContactRecord(name="a", quiet_from=begin, quiet_to=end)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("21 21:59:59.999999", None),
        ("21 22:00:00", "22 07:00"),
        ("21 23:59:59", "22 07:00"),
        ("22 00:00:00", "22 07:00"),
        ("22 06:59:59.999999", "22 07:00"),
        ("22 07:00:00", None),
        ("22 12:00:00", None),
    ],
)
def test_over_midnight(now: str, until: str | None) -> None:
    """22:00 is within, 07:00 is not."""
    found = quiet_until(contact("22:00", "07:00"), at(now))
    assert found == (None if until is None else at(until))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("21 11:59:59", None),
        ("21 12:00:00", "21 14:00"),
        ("21 13:59:59", "21 14:00"),
        ("21 14:00:00", None),
    ],
)
def test_within_a_day(now: str, until: str | None) -> None:
    """A rest at noon."""
    found = quiet_until(contact("12:00", "14:00"), at(now))
    assert found == (None if until is None else at(until))


@pytest.mark.parametrize(
    ("begin", "end"),
    [("", ""), ("22:00", ""), ("", "07:00"), ("08:00", "08:00"), ("25:00", "07:00"), ("x", "y")],
)
def test_none(begin: str, end: str) -> None:
    """Nothing said, or nothing that can be."""
    for hour in range(24):
        assert quiet_until(contact(begin, end), at("21 00:00") + timedelta(hours=hour)) is None


def test_the_end_is_always_ahead() -> None:
    """Whenever one looks, and it is not quiet any more then."""
    for begin, end in (("22:00", "07:00"), ("00:00", "06:00"), ("18:00", "00:00")):
        one = contact(begin, end)
        for minute in range(0, 2 * 1440, 7):
            now = at("21 00:00") + timedelta(minutes=minute)
            until = quiet_until(one, now)
            if until is not None:
                assert timedelta(0) < until - now <= timedelta(hours=24)
                assert quiet_until(one, until) is None


def test_what_comes_through() -> None:
    """As severe as said, or more."""
    one = ContactRecord(name="a", quiet_breaks="severe")
    assert [comes_through(one, severity) for severity in SEVERITIES] == [False, False, True, True]
