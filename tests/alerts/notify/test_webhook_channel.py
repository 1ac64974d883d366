"""Webhooks against a real server: what they get, and what its answers mean."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator

import pytest
from notify_rig import AT, HttpRig, Said, parcel

from alerts.notify.channels.reaching import public_or
from alerts.notify.channels.web import Web
from alerts.notify.channels.webhook import Webhook
from alerts.notify.parcel import NotNow, Refused


@pytest.fixture
def rig() -> Iterator[HttpRig]:
    """A server."""
    with HttpRig() as made:
        yield made


def hook(timeout_s: float = 20.0) -> Webhook:
    """To plain servers of this machine."""
    web = Web(timeout_s=timeout_s, allowed=public_or(["127.0.0.0/8"]))
    return Webhook(web, AT.timestamp, plain=True)


def test_what_it_gets(rig: HttpRig) -> None:
    """All of the message, its token, and a signature that fits the bytes."""
    receipt = hook().send(parcel(address=rig.url + "?a=b", secret="shared"))
    assert receipt.text == "status 200"
    (asked,) = rig.asked
    assert asked.path == "/hook?a=b"
    assert asked.headers["Idempotency-Key"] == "token1"
    stamp = asked.headers["X-HJ212D-Timestamp"]
    assert stamp == str(round(AT.timestamp()))
    mac = hmac.new(b"shared", stamp.encode() + b"." + asked.body, "sha256").hexdigest()
    assert asked.headers["X-HJ212D-Signature"] == f"sha256={mac}"
    assert json.loads(asked.body) == {
        "token": "token1",
        "about": "incident:12",
        "step": "opened",
        "severity": "warning",
        "language": "zh",
        "subject": "【警告】西湖站 PM2.5 182 µg/m³",
        "text": "发现异常，请查看。\n\n对象：西湖站",
        "created_at": "2026-11-21T06:04:00Z",
        "facts": {"value": 182.0},
    }


def test_without_a_secret(rig: HttpRig) -> None:
    """Nothing is signed."""
    hook().send(parcel(address=rig.url))
    assert not [name for name in rig.asked[0].headers if name.startswith("X-")]


def test_names_do_not_break_json(rig: HttpRig) -> None:
    """Whatever a station is called."""
    harm = '"},\r\n{"x": "\u2028</script>\x00'
    hook().send(parcel(address=rig.url, subject=harm))
    assert json.loads(rig.asked[0].body)["subject"] == harm


def test_answers(rig: HttpRig) -> None:
    """Later, never, and redirects."""
    rig.answer = lambda _: Said(429, b"", {"Retry-After": "30"})
    with pytest.raises(NotNow) as told:
        hook().send(parcel(address=rig.url))
    assert told.value.after_s == 30.0
    rig.answer = lambda _: Said(500)
    with pytest.raises(NotNow, match="500"):
        hook().send(parcel(address=rig.url))
    rig.answer = lambda _: Said(307, b"", {"Location": rig.url})
    with pytest.raises(Refused, match="redirect"):
        hook().send(parcel(address=rig.url))
    rig.answer = lambda _: Said(200, b"x" * 10_000_000)
    assert hook().send(parcel(address=rig.url)).text == "status 200"
    rig.answer = lambda _: None
    with pytest.raises(NotNow):
        hook().send(parcel(address=rig.url))


def test_plain_http_needs_leave(rig: HttpRig) -> None:
    """And so does our own network."""
    web = Web(timeout_s=20.0, allowed=public_or([]))
    with pytest.raises(Refused, match="webhook_plain"):
        Webhook(web, AT.timestamp, plain=False).send(parcel(address=rig.url))
    with pytest.raises(Refused, match="not allowed"):
        Webhook(web, AT.timestamp, plain=True).send(parcel(address=rig.url))
    assert rig.asked == []
