"""When a message is tried again, and when no more.

Tests: tests/alerts/notify/test_waits.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.notify.settings import NotifySettings
from store.registry.alert_records import MessageRecord

SHARE_BY_CHANCE = 0.2
_DAY_H = 24.0


def wait_s(
    backoff_s: Sequence[float], attempts: int, token: str, after_s: float | None = None
) -> float:
    """How long after attempt number ``attempts`` the next one comes. ``after_s``: what the
    service asked for, never undercut. The share of chance comes from the token: many that failed
    together do not come back together, and a test knows when they do."""
    chance = _chance(token, attempts)
    if after_s is not None:
        return max(after_s, 1.0) * (1.0 + chance * SHARE_BY_CHANCE / 2)
    usual_s = backoff_s[min(max(attempts, 1), len(backoff_s)) - 1]
    return usual_s * (1.0 - chance * SHARE_BY_CHANCE)


def expires(message: MessageRecord, settings: NotifySettings) -> datetime:
    """When it is given up: as it says itself, or after the hours of its severity."""
    if message.expires_at is not None:
        return message.expires_at
    hours = settings.expires_h.get(message.severity, _DAY_H)
    if message.created_at is None:
        raise ValueError(f"message {message.id} was never kept")
    return message.created_at + timedelta(hours=hours)


def _chance(token: str, attempts: int) -> float:
    """From 0 to 1, the same for the same."""
    digest = hashlib.blake2b(f"{token}:{attempts}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 0xFFFFFFFF
