"""When a message is tried again, and when no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.notify.settings import NotifySettings
from alerts.notify.waits import expires, wait_s
from store.registry.alert_records import MessageRecord

STEPS = NotifySettings().backoff_s
AT = datetime(2026, 11, 21, tzinfo=UTC)


def test_waits_grow() -> None:
    """30 s, 1, 2, 5, 15, 30 minutes, an hour, and an hour again; up to a fifth shorter."""
    for attempts, usual_s in enumerate([30, 60, 120, 300, 900, 1800, 3600, 3600, 3600], 1):
        for token in map(str, range(50)):
            assert 0.8 * usual_s <= wait_s(STEPS, attempts, token) <= usual_s


def test_chance_is_of_the_token() -> None:
    """The same twice, others otherwise, so that they do not come back together."""
    assert wait_s(STEPS, 3, "a") == wait_s(STEPS, 3, "a")
    assert len({wait_s(STEPS, 3, str(token)) for token in range(100)}) > 90


def test_what_the_service_asked_for() -> None:
    """Never undercut."""
    for token in map(str, range(50)):
        assert 600 <= wait_s(STEPS, 1, token, 600.0) <= 660
        assert 1 <= wait_s(STEPS, 1, token, 0.0) <= 1.1


@pytest.mark.parametrize(("severity", "hours"), [("notice", 12), ("severe", 24), ("critical", 24)])
def test_expiry(severity: str, hours: int) -> None:
    """By severity, or as the message says."""
    message = MessageRecord(
        about="a",
        step="s",
        contact_id=1,
        channel="email",
        severity=severity,  # type: ignore[arg-type]
        subject="s",
        text="t",
        created_at=AT,
    )
    assert expires(message, NotifySettings()) == AT + timedelta(hours=hours)
    said = MessageRecord(
        about="a", step="s", contact_id=1, channel="email", subject="s", text="t", expires_at=AT
    )
    assert expires(said, NotifySettings()) == AT
