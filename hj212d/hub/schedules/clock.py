"""The hub's clock as schedules read it. Tests: tests/hub/schedules/test_schedule_service.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moments_of(now_us: Callable[[], int]) -> Now:
    """From microseconds since 1970 to aware moments, UTC; the machine's zone is in neither."""
    return lambda: _EPOCH + timedelta(microseconds=now_us())
