"""What the settings of a target that publishes may be: its URL by kind, its topic, its token.

Imports no client, so that a configuration is checked quickly and without them.
Tests: tests/hub/forward/publish/test_publish_target.py.
"""

from __future__ import annotations

import re
from typing import Protocol

from hj212d.hub.forward.publish.address import Address, address
from hj212d.hub.forward.publish.topic import Topic

USUAL_TOPICS = {"mqtt": "hj212/{mn}/{cn}", "kafka": "hj212"}
MQTT_VERSIONS = {"5": 5, "3.1.1": 4}
KAFKA_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_SCHEMES = {
    "mqtt": {"mqtt": 1883, "mqtts": 8883},
    "kafka": {"kafka": 9092},
    "http": {"http": 80, "https": 443},
}
_OPTIONS = {"mqtt": ("version", "client"), "kafka": ("sasl",), "http": None}
_TOKEN = re.compile(r"[!-~]+")
_MQTT_TOPIC = re.compile(r"[^#+\0]{1,500}")
_KAFKA_TOPIC = re.compile(r"[0-9A-Za-z._-]{1,249}")


class Target(Protocol):
    """What is needed here of the settings of a target; they themselves ask this file."""

    @property
    def kind(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def token(self) -> str: ...
    @property
    def tls(self) -> bool: ...
    @property
    def ca_file(self) -> str: ...
    @property
    def cert_file(self) -> str: ...
    @property
    def set_key(self) -> str: ...
    @property
    def downlink(self) -> list[str]: ...


def place(target: Target) -> Address:
    """Where a target publishes; ValueError, one sentence without secrets."""
    found = address(
        target.url, _SCHEMES[target.kind], _OPTIONS[target.kind], many=target.kind == "kafka"
    )
    if found.options.get("version", "5") not in MQTT_VERSIONS:
        raise ValueError(f"version is {' or '.join(MQTT_VERSIONS)}")
    if found.options.get("sasl", "PLAIN") not in KAFKA_MECHANISMS:
        raise ValueError(f"sasl is one of {', '.join(KAFKA_MECHANISMS)}")
    if "sasl" in found.options and not found.user:
        raise ValueError("sasl needs user:password@ before the host")
    return found


def topic(target: Target) -> Topic:
    """What its messages are published under; ValueError, one sentence."""
    pattern = target.topic or USUAL_TOPICS[target.kind]
    filled = Topic(pattern).filled("M", "1", "1")
    if target.kind == "mqtt" and (not _MQTT_TOPIC.fullmatch(filled) or filled.startswith("$")):
        raise ValueError("an MQTT topic holds no # and no + and does not begin with $")
    if target.kind == "kafka" and not _KAFKA_TOPIC.fullmatch(filled):
        raise ValueError("a Kafka topic holds letters, digits, . _ and - only, at most 249")
    return Topic(pattern)


def encrypted(target: Target) -> bool:
    """Whether TLS is used."""
    return target.tls or target.url.startswith(("mqtts:", "https:"))


def problem(target: Target) -> tuple[str, str]:
    """The key that cannot be as it is and why, ``("", "")`` when all is well."""
    if not target.url:
        return "url", f"{target.kind} needs one"
    try:
        where = place(target)
    except ValueError as refused:
        return "url", str(refused)
    if target.kind == "http":
        if target.topic:
            return "topic", "a web server has none: it is a part of the url"
        if target.tls and where.scheme != "https":
            return "tls", "the url must begin with https:// for that"
        if target.token and where.user:
            return "token", "there is a user in the url already: one of them can be shown"
        if target.token and not _TOKEN.fullmatch(target.token):
            return "token", "it holds no blanks and only letters that a header can hold"
    elif target.token:
        return "token", f"{target.kind} has user:password@ in the url instead"
    else:
        try:
            topic(target)
        except ValueError as refused:
            return "topic", str(refused)
    for key in ("ca_file", "cert_file"):
        if getattr(target, key) and not encrypted(target):
            return key, "the connection is not encrypted"
    if target.set_key:
        return "set_key", "what is published is opened, not encrypted: it is for kind tcp"
    if target.downlink:
        return "downlink", f"{target.kind} only takes: requests come from kind tcp"
    return "", ""
