"""Keys of [notify]: the defaults are right, and what cannot be is refused by name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from alerts.notify.settings import NotifySettings, problem


def test_defaults_are_right() -> None:
    """Nothing is configured, nothing is wrong."""
    assert problem(NotifySettings()) == ("", "")


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("smtp_from", {"smtp_host": "mail", "smtp_from": "nobody"}),
        ("smtp_from", {"smtp_from": "a@b\r\nBcc: c@d"}),
        ("smtp_from_name", {"smtp_from_name": "x\ny"}),
        ("smtp_security", {"smtp_password": "p", "smtp_security": "none"}),
        ("sms_url", {"sms": "http"}),
        ("sms_url", {"sms": "http", "sms_url": "file:///etc/passwd"}),
        ("sms_success", {"sms_success": "code"}),
        ("wecom_url", {"wecom_url": "ftp://x"}),
        ("webhook_networks", {"webhook_networks": ["10.0.0.0/99"]}),
        ("backoff_s", {"backoff_s": [0.0]}),
        ("expires_h", {"expires_h": {"sever": 1.0}}),
        ("expires_h", {"expires_h": {"severe": 0.0}}),
        ("per_minute", {"per_minute": {"sms": 0.5}}),
        ("per_hour", {"per_hour": {"fax": 5.0}}),
    ],
)
def test_what_cannot_be(key: str, values: dict[str, Any]) -> None:
    """The key is named."""
    found, why = problem(msgspec.structs.replace(NotifySettings(), **values))
    assert found == key
    assert why


def test_ports() -> None:
    """As the way of encrypting has them."""
    ports = {"starttls": 587, "tls": 465, "none": 25}
    for way, port in ports.items():
        assert msgspec.convert({"smtp_security": way}, NotifySettings).smtp_at == port
    assert NotifySettings(smtp_port=2525).smtp_at == 2525
