"""From words to records of the outbox: one message a reader and way. Pure.

Tests: tests/alerts/schedules/test_recipients.py.
"""

from __future__ import annotations

from datetime import datetime

from alerts.notify.message import Message
from alerts.schedules.recipients import Reader
from store.registry.alert_records import MessageRecord, Severity


def records(
    reader: Reader,
    message: Message,
    *,
    about: str,
    step: str = "sent",
    severity: Severity = "notice",
    expires_at: datetime | None = None,
) -> list[MessageRecord]:
    """The message by each way of the reader. Told again, the outbox knows them."""
    return [
        MessageRecord(
            about=about,
            step=step,
            contact_id=reader.contact.id,
            channel=channel,
            severity=severity,
            subject=message.subject,
            text=message.text,
            facts=message.facts,
            expires_at=expires_at,
        )
        for channel in reader.channels
    ]
