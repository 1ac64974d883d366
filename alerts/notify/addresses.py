"""Addresses of contacts: checked when they are set, shown so that nobody can use them.

Errors name the field and say what is wrong, never the address: it may be a secret.
Tests: tests/alerts/notify/test_contact_addresses.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from alerts.notify.channels import dingtalk, feishu, wecom
from store.registry.alert_records import CHANNELS

SECRETS = ("dingtalk_secret", "feishu_secret", "webhook_token")
FIELDS = (*CHANNELS, *SECRETS)
LONGEST = 2000
_MAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?=.{1,253}$)"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_PHONE = re.compile(r"\+?[0-9]{5,20}")
_KEY = re.compile(r"[A-Za-z0-9_-]{8,200}")
_KEYS = {"wecom": wecom.key, "dingtalk": dingtalk.token, "feishu": feishu.key}


def checked(ways: Mapping[str, str]) -> dict[str, str]:
    """Ways of a contact as they are kept: blanks around and within numbers gone. ValueError, one
    sentence that begins with the field."""
    made: dict[str, str] = {}
    for field, text in ways.items():
        if field not in FIELDS:
            raise ValueError(f"{field}: there is no such way, only {', '.join(FIELDS)}")
        found = text.strip()
        if field == "sms":
            found = re.sub(r"[\s()-]", "", found)
        why = _wrong(field, found)
        if why:
            raise ValueError(f"{field}: {why}")
        made[field] = found
    for secret in SECRETS:
        channel = secret.partition("_")[0]
        if secret in made and channel not in made:
            raise ValueError(f"{secret}: there is no {channel} that it could be for")
    return made


def masked(field: str, address: str) -> str:
    """An address as it may be shown: enough to tell one from another, for who knows them."""
    if not address:
        return ""
    if field == "email":
        name, _, domain = address.partition("@")
        return f"{name[:1]}***@{domain}"
    if field == "sms":
        return f"{address[:3]}****{address[-4:]}" if len(address) >= 11 else "****"
    if field == "webhook":
        return f"{urlsplit(address).scheme}://{urlsplit(address).hostname}/***"
    return "***" if field != "app" else "app"


def _wrong(field: str, text: str) -> str:
    """What is wrong with an address, "" for nothing."""
    if field == "app":
        return ""
    if not text:
        return "it is empty"
    if len(text) > LONGEST:
        return f"it has more than {LONGEST} characters"
    if any(not 32 < ord(letter) < 127 for letter in text):
        return "it holds a blank, a line end, or a letter that is not of ASCII"
    match field:
        case "email":
            return _wrong_mail(text)
        case "sms":
            return (
                "" if _PHONE.fullmatch(text) else "expected a telephone number of 5 to 20 digits"
            )
        case "wecom" | "dingtalk" | "feishu":
            return _wrong_robot(field, text)
        case "webhook":
            return _wrong_url(text)
        case "apprise":
            return "" if "://" in text else "expected a URL as apprise has them"
    return ""


def _wrong_mail(text: str) -> str:
    local = text.partition("@")[0]
    if not _MAIL.fullmatch(text) or ".." in local or local[:1] == "." or local[-1:] == ".":
        return "expected an address such as name@example.org"
    return ""


def _wrong_robot(field: str, text: str) -> str:
    """The host is not looked at: messages go where the settings say."""
    if "://" in text and not text.startswith("https://"):
        return "expected the https address of the robot, or its key"
    try:
        key = _KEYS[field](text)
    except ValueError:
        key = ""
    return "" if _KEY.fullmatch(key) else "expected the https address of the robot, or its key"


def _wrong_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "expected an https address"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "expected an https address"
    if parts.username or parts.password:
        return "it holds a login; set webhook_token, with which requests are signed"
    return ""
