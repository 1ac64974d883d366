"""Addresses of contacts: checked when they are set, shown in part afterwards.

Which text a channel can use its own file in alerts/notify knows; what is refused here is what no
channel could use. Tests: tests/hub/alert_desk/test_addresses.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from hj212d.hub.decisions.deeds import shown, text
from store.registry.alert_records import CHANNELS

SECRETS = ("dingtalk_secret", "feishu_secret", "webhook_token")
MOST = 1000
_MAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
_PHONE = re.compile(r"\+?\d{5,20}")
_BY_URL = ("wecom", "dingtalk", "feishu", "webhook")


def ways_of(before: Mapping[str, str], wanted: Any) -> dict[str, str]:
    """The ways of a contact with some of them changed; "" takes one away. ValueError names the way
    and why, never a secret."""
    if not isinstance(wanted, Mapping):
        raise ValueError(f"ways = {shown(wanted)}: expected an address for each channel")
    ways = dict(before)
    for name, said in wanted.items():
        address = text(name, said, MOST)
        if name not in (*CHANNELS, *SECRETS):
            raise ValueError(f"{name}: is no channel; there are {', '.join(CHANNELS)}")
        if not address and name != "app":
            ways.pop(name, None)
            continue
        if problem := _problem(name, address):
            raise ValueError(f"{name}: {problem}")
        ways[name] = address
    return ways


def shown_ways(ways: Mapping[str, str]) -> dict[str, str]:
    """Ways for showing: enough of an address to know it again."""
    return {name: in_part(name, address) for name, address in ways.items()}


def in_part(way: str, address: str) -> str:
    """a***@example.com, 138****5678, https://host/***; "***" for a secret."""
    if way == "email":
        name, _, host = address.partition("@")
        return f"{name[:1]}***@{host}"
    if way == "sms":
        return f"{address[:3]}****{address[-4:]}" if len(address) > 7 else "***"
    if way in _BY_URL or way == "apprise":
        parts = urlsplit(address)
        return (
            f"{parts.scheme}://{parts.hostname or ''}/***"
            if way in _BY_URL
            else (f"{parts.scheme}://***")
        )
    return "***" if way in SECRETS else address


def _problem(way: str, address: str) -> str:
    if way == "email" and not _MAIL.fullmatch(address):
        return f"{shown(address)} is no address of e-mail"
    if way == "sms" and not _PHONE.fullmatch(address):
        return f"{shown(address)} is no telephone number"
    if way in _BY_URL:
        try:
            parts = urlsplit(address)
        except ValueError:
            return "is no URL"
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return "expected a URL that begins with http:// or https://"
    if not address.isprintable():
        return "an address has no control characters"
    return ""
