"""Keys of the section [notify]: channels, how often one tries, how much one is told.

What types cannot say is told by :func:`problem`.
Tests: tests/alerts/notify/test_notify_settings.py.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from store.registry.alert_records import CHANNELS, SEVERITIES

RELOAD = {"apply": "reload"}
RESTART = {"apply": "restart"}
SECRET = {"apply": "reload", "secret": True}

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
DINGTALK = "https://oapi.dingtalk.com/robot/send"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook"


class NotifySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people are told."""

    on: Annotated[
        bool,
        Meta(description="Send what stands in the outbox; false: it waits.", extra=RELOAD),
    ] = True
    look_every_s: Annotated[
        float, Meta(ge=0.1, le=60, description="How often the outbox is looked at.", extra=RELOAD)
    ] = 1.0
    threads: Annotated[
        int,
        Meta(
            ge=1,
            le=32,
            description="Messages that one channel sends at once, one at a time to each address.",
            extra=RESTART,
        ),
    ] = 4
    timeout_s: Annotated[
        float,
        Meta(
            gt=0,
            le=300,
            description="So long one attempt may take, from its connection to the last byte of "
            "the answer.",
            extra=RELOAD,
        ),
    ] = 20.0
    templates: Annotated[
        str,
        Meta(
            description="Folder whose zh/*.txt and en/*.txt take the place of our own of the same "
            "name.",
            extra=RESTART,
        ),
    ] = ""
    link: Annotated[
        str,
        Meta(
            description="What stands at the end of a message about an incident, {no} being its "
            "number: https://host/incidents/{no}; empty: none.",
            extra=RESTART,
        ),
    ] = ""
    backoff_s: Annotated[
        list[float],
        Meta(
            min_length=1,
            description="Waits between attempts; the last one again and again. Each up to a fifth "
            "shorter, by chance.",
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=lambda: [30.0, 60.0, 120.0, 300.0, 900.0, 1800.0, 3600.0])
    expires_h: Annotated[
        dict[str, float],
        Meta(
            description="So many hours a message of a severity is tried, unless it says itself.",
            extra=RELOAD,
        ),
    ] = msgspec.field(
        default_factory=lambda: {"notice": 12.0, "warning": 12.0, "severe": 24.0, "critical": 24.0}
    )
    per_minute: Annotated[
        dict[str, float],
        Meta(
            description="Messages a minute to one address by channel; more go into one digest. "
            "The services refuse more than 20 of a robot (Feishu 100).",
            extra=RELOAD,
        ),
    ] = msgspec.field(
        default_factory=lambda: {
            "email": 20.0,
            "sms": 5.0,
            "wecom": 18.0,
            "dingtalk": 18.0,
            "feishu": 60.0,
            "webhook": 300.0,
            "apprise": 20.0,
        }
    )
    per_hour: Annotated[
        dict[str, float],
        Meta(
            description="The same in an hour; a channel that is not here: no limit.", extra=RELOAD
        ),
    ] = msgspec.field(default_factory=lambda: {"email": 120.0, "sms": 30.0})
    over_before_told: Annotated[
        Literal["tell", "withhold"],
        Meta(
            description="An incident that is over before somebody could be told that it began: "
            "one message that it was, or none.",
            extra=RELOAD,
        ),
    ] = "tell"

    smtp_host: Annotated[
        str, Meta(description="Mail server; empty: no e-mail goes out.", extra=RELOAD)
    ] = ""
    smtp_port: Annotated[
        int,
        Meta(
            ge=0,
            le=65535,
            description="Its port; 0: 587 with starttls, 465 with tls, 25 with none.",
            extra=RELOAD,
        ),
    ] = 0
    smtp_security: Annotated[
        Literal["starttls", "tls", "none"],
        Meta(
            description="starttls: encrypted after the greeting, or nothing is sent; tls: from "
            "the first byte; none: readable on the way.",
            extra=RELOAD,
        ),
    ] = "starttls"
    smtp_user: Annotated[str, Meta(description="Login; empty: none.", extra=RELOAD)] = ""
    smtp_password: Annotated[str, Meta(description="Its password.", extra=SECRET)] = ""
    smtp_from: Annotated[
        str, Meta(description="Address of the sender; empty: smtp_user.", extra=RELOAD)
    ] = ""
    smtp_from_name: Annotated[
        str, Meta(description="Name of the sender, as people see it.", extra=RELOAD)
    ] = "环境监测平台"
    ca_file: Annotated[
        str,
        Meta(
            description="Certificates that mail servers and web servers are checked with, PEM; "
            "empty: those of the system.",
            extra=RELOAD,
        ),
    ] = ""
    proxy: Annotated[
        str,
        Meta(
            description="HTTP proxy to robots, SMS gateway and webhooks; empty: none. What the "
            "environment says does not count.",
            extra=SECRET,
        ),
    ] = ""

    sms: Annotated[
        Literal["none", "file", "http"],
        Meta(
            description="file: a line of JSON for each in DATA/sms, for another program to send; "
            "http: a request to a gateway.",
            extra=RELOAD,
        ),
    ] = "none"
    sms_url: Annotated[
        str, Meta(description="Where the gateway takes messages.", extra=SECRET)
    ] = ""
    sms_method: Annotated[
        Literal["POST", "PUT", "GET"], Meta(description="Method of the request.", extra=RELOAD)
    ] = "POST"
    sms_headers: Annotated[
        dict[str, str],
        Meta(description="Headers of the request, such as Authorization.", extra=SECRET),
    ] = {}
    sms_body: Annotated[
        str,
        Meta(
            description="Body of the request. {phone}, {text}, {token} and {time} are filled in: "
            "as JSON strings with their quotes when the Content-Type is JSON (the default), else "
            'percent-encoded. Empty: {"phone": {phone}, "text": {text}, "id": {token}}.',
            extra=SECRET,
        ),
    ] = ""
    sms_success: Annotated[
        str,
        Meta(
            description="What the JSON of the answer says when the gateway took it: code=0, "
            "data.status=OK; empty: any status from 200 to 299 does.",
            extra=RELOAD,
        ),
    ] = ""
    sms_receipt: Annotated[
        str,
        Meta(description="Where in that JSON its number stands: data.msgid.", extra=RELOAD),
    ] = ""
    sms_sign: Annotated[
        str, Meta(description="Signature before each text: 【...】; empty: none.", extra=RELOAD)
    ] = ""
    sms_length: Annotated[
        int,
        Meta(ge=20, le=1000, description="Characters of one SMS at the most.", extra=RELOAD),
    ] = 200

    wecom_url: Annotated[
        str, Meta(description="Where WeChat Work takes messages of robots.", extra=RELOAD)
    ] = WECOM
    dingtalk_url: Annotated[
        str, Meta(description="Where DingTalk takes messages of robots.", extra=RELOAD)
    ] = DINGTALK
    feishu_url: Annotated[
        str, Meta(description="Where Feishu takes messages of robots.", extra=RELOAD)
    ] = FEISHU

    webhook_networks: Annotated[
        list[str],
        Meta(
            description="Networks (CIDR) beside the public ones that a webhook may lie in, such "
            "as 10.1.0.0/16; without it private and local addresses are refused.",
            extra=RELOAD,
        ),
    ] = []
    webhook_plain: Annotated[
        bool,
        Meta(description="Whether a webhook may be http:, readable on the way.", extra=RELOAD),
    ] = False
    apprise: Annotated[
        bool,
        Meta(
            description="Send by apprise (extra notify), whose services we know nothing of: it "
            "tells only whether it went well, and goes where an address says, our own network "
            "included.",
            extra=RELOAD,
        ),
    ] = False

    @property
    def smtp_at(self) -> int:
        """The port of the mail server."""
        return self.smtp_port or {"starttls": 587, "tls": 465, "none": 25}[self.smtp_security]


def problem(settings: NotifySettings) -> tuple[str, str]:
    """The key that cannot be as it is and why, ``("", "")`` when all is well."""
    if settings.smtp_host and "@" not in (settings.smtp_from or settings.smtp_user):
        return "smtp_from", "expected the address of the sender, as somebody@example.org"
    for key in ("smtp_from", "smtp_from_name", "sms_sign"):
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in getattr(settings, key)):
            return key, "it has a line break or another control character"
    if settings.smtp_password and settings.smtp_security == "none":
        return "smtp_security", "a password does not go over a line that anybody can read"
    if settings.sms == "http" and urlsplit(settings.sms_url).scheme not in ("http", "https"):
        return "sms_url", "expected the http or https address of the gateway"
    if settings.sms_success and not re.fullmatch(r"[^=\s]+=.*", settings.sms_success):
        return "sms_success", f'"{settings.sms_success}" is not of the form path=value'
    for key in ("wecom_url", "dingtalk_url", "feishu_url"):
        if urlsplit(getattr(settings, key)).scheme not in ("http", "https"):
            return key, "expected an http or https address"
    for network in settings.webhook_networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            return "webhook_networks", f'"{network}" is no network'
    if any(wait <= 0 for wait in settings.backoff_s):
        return "backoff_s", "expected waits above 0 s"
    return _problem_of_tables(settings)


def _problem_of_tables(settings: NotifySettings) -> tuple[str, str]:
    for key, names in (
        ("expires_h", SEVERITIES),
        ("per_minute", CHANNELS),
        ("per_hour", CHANNELS),
    ):
        for name, value in getattr(settings, key).items():
            if name not in names:
                return key, f'"{name}" is none of {", ".join(names)}'
            least = 0 if key == "expires_h" else 1
            if value <= 0 or value < least:
                return key, f"{name} = {value:g} is too few"
    return "", ""
