"""A request of JSON to a server of the contact's, with a token against doubles and a signature.

Idempotency-Key is the same in every attempt. With a secret the bytes of the body are signed
together with the moment: HMAC-SHA256 over "MOMENT.BODY" in X-HJ212D-Signature, the moment in
X-HJ212D-Timestamp. Tests: tests/alerts/notify/test_webhook_channel.py.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import msgspec

from alerts.notify.channels.web import Web, judge
from alerts.notify.parcel import Parcel, Receipt, Refused


class Webhook:
    """``plain``: whether http: will do. ``now``: UTC, seconds since 1970."""

    def __init__(self, web: Web, now: Callable[[], float], *, plain: bool) -> None:
        self._web = web
        self._now = now
        self._plain = plain

    def send(self, parcel: Parcel) -> Receipt:
        """Refused, NotNow."""
        if not self._plain and not parcel.address.lower().startswith("https:"):
            raise Refused("a webhook must be https:, or notify.webhook_plain be set")
        body = msgspec.json.encode(said(parcel))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": parcel.token,
        }
        if parcel.secret:
            stamp = str(round(self._now()))
            headers |= {
                "X-HJ212D-Timestamp": stamp,
                "X-HJ212D-Signature": f"sha256={sign(stamp, body, parcel.secret)}",
            }
        answer = self._web.ask("POST", parcel.address, headers, body)
        judge(answer)
        return Receipt(f"status {answer.status}")


def said(parcel: Parcel) -> dict[str, Any]:
    """What a webhook gets."""
    return {
        "token": parcel.token,
        "about": parcel.about,
        "step": parcel.step,
        "severity": parcel.severity,
        "language": parcel.language,
        "subject": parcel.subject,
        "text": parcel.text,
        "created_at": parcel.created_at,
        "facts": parcel.facts,
    }


def sign(stamp: str, body: bytes, secret: str) -> str:
    """In hexadecimal digits."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
