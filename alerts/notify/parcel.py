"""What a channel is given, and what it says of it: taken, not now, or never.

Addresses and secrets are in no text that a parcel shows of itself.
Tests: tests/alerts/notify/test_parcel.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

import msgspec

from store.registry.alert_records import Severity


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one address.

    ``token`` is the same in every attempt: Message-ID of an e-mail, Idempotency-Key of a webhook.
    ``secret``: what a robot's messages are signed with, a webhook's token; "" for none. ``short``:
    the same in one line, for an SMS.
    """

    token: str
    channel: str
    address: str
    secret: str = ""
    name: str = ""
    subject: str
    text: str
    short: str = ""
    facts: dict[str, Any] = {}
    severity: Severity = "notice"
    about: str = ""
    step: str = ""
    language: str = "zh"
    created_at: datetime

    def __repr__(self) -> str:
        return f"Parcel(token={self.token!r}, channel={self.channel!r}, about={self.about!r})"


class Receipt(msgspec.Struct, frozen=True):
    """The channel took it. ``text``: its own words or number, for who has to ask there.

    That somebody read it, or that it arrived, no channel here can say.
    """

    text: str = ""


class Refused(Exception):
    """It will not be taken, however often it is tried: a wrong address, key or content."""


class NotNow(Exception):
    """It may be taken later. ``after_s``: the service said when, None when it did not."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


class Channel(Protocol):
    """A way to people. Blocking; used by several threads at once."""

    def send(self, parcel: Parcel) -> Receipt:
        """Hand it over. Refused or NotNow, each with one sentence without address or secret."""
