"""Hours in which a person is left alone: Beijing time, from a minute up to but not including one.

Tests: tests/alerts/notify/test_quiet_hours.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.notify.figures import BEIJING
from store.registry.alert_records import SEVERITIES, ContactRecord, Severity


def quiet_until(contact: ContactRecord, now: datetime) -> datetime | None:
    """When the quiet hours end that ``now`` lies in; None: it lies in none. At 22:00 exactly they
    have begun, at 07:00 exactly they are over; from and to the same: there are none."""
    begin, end = _minute(contact.quiet_from), _minute(contact.quiet_to)
    if begin is None or end is None or begin == end:
        return None
    local = now.astimezone(BEIJING)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    at = local.hour * 60 + local.minute
    over_midnight = begin > end
    if over_midnight and at >= begin:
        return midnight + timedelta(days=1, minutes=end)
    if over_midnight and at < end:
        return midnight + timedelta(minutes=end)
    if not over_midnight and begin <= at < end:
        return midnight + timedelta(minutes=end)
    return None


def comes_through(contact: ContactRecord, severity: Severity) -> bool:
    """Whether something is severe enough to be told in quiet hours."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(contact.quiet_breaks)


def _minute(text: str) -> int | None:
    """Of the day; None for what is no time."""
    hour, colon, minute = text.partition(":")
    if not colon or not hour.isdecimal() or not minute.isdecimal():
        return None
    found = int(hour) * 60 + int(minute)
    return found if int(hour) < 24 and int(minute) < 60 else None
