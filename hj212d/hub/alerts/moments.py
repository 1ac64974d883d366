"""Moments of the hub, microseconds, and those of signals and records, aware UTC.

Tests: tests/hub/alerts/test_alert_checks.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def aware(time_us: int) -> datetime:
    """As signals have it."""
    return _EPOCH + timedelta(microseconds=time_us)


def microseconds(moment: datetime) -> int:
    """The opposite."""
    return (moment - _EPOCH) // _MICROSECOND
