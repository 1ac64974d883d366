"""The channels as the settings want them. Tests: tests/alerts/notify/test_chosen_channels.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alerts.notify.channels.app import App
from alerts.notify.channels.apprise_channel import AppriseChannel
from alerts.notify.channels.dingtalk import DingtalkRobot
from alerts.notify.channels.email import Email
from alerts.notify.channels.feishu import FeishuRobot
from alerts.notify.channels.reaching import public_or
from alerts.notify.channels.sms import NoSms, SmsFile, SmsGateway
from alerts.notify.channels.web import Web
from alerts.notify.channels.webhook import Webhook
from alerts.notify.channels.wecom import WecomRobot
from alerts.notify.parcel import Channel, NotNow, Parcel, Receipt
from alerts.notify.settings import NotifySettings

SMS_FOLDER = "sms"


class SwitchedOff:
    """A channel that the settings do not want."""

    def __init__(self, why: str) -> None:
        self._why = why

    def send(self, parcel: Parcel) -> Receipt:
        """NotNow: somebody may switch it on."""
        del parcel
        raise NotNow(self._why)


def channels(
    settings: NotifySettings, data_dir: Path, now: Callable[[], float]
) -> dict[str, Channel]:
    """All of them by name. ``now``: UTC, seconds since 1970."""
    web = _web(settings)
    hooks = Web(
        timeout_s=settings.timeout_s,
        ca_file=settings.ca_file,
        proxy=settings.proxy,
        allowed=public_or(settings.webhook_networks),
    )
    sms: dict[str, Callable[[], Channel]] = {
        "none": NoSms,
        "file": lambda: SmsFile(data_dir / SMS_FOLDER, settings, now),
        "http": lambda: SmsGateway(web, settings, now),
    }
    return {
        "app": App(),
        "email": Email(settings),
        "sms": sms[settings.sms](),
        "wecom": WecomRobot(settings.wecom_url, web),
        "dingtalk": DingtalkRobot(settings.dingtalk_url, web, now),
        "feishu": FeishuRobot(settings.feishu_url, web, now),
        "webhook": Webhook(hooks, now, plain=settings.webhook_plain),
        "apprise": AppriseChannel()
        if settings.apprise
        else SwitchedOff("notify.apprise is false"),
    }


def _web(settings: NotifySettings) -> Web:
    return Web(timeout_s=settings.timeout_s, ca_file=settings.ca_file, proxy=settings.proxy)
