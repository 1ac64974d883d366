"""Channels as the settings want them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from notify_rig import AT, HttpRig, Said, parcel

from alerts.notify.channels.chosen import channels
from alerts.notify.parcel import NotNow, Refused
from alerts.notify.settings import NotifySettings
from store.registry.alert_records import CHANNELS


def test_there_is_one_for_each(tmp_path: Path) -> None:
    """Nothing is configured: what needs no configuration sends, the rest says what is missing."""
    made = channels(NotifySettings(), tmp_path, AT.timestamp)
    assert set(made) == set(CHANNELS)
    assert made["app"].send(parcel())
    for name, why in (
        ("email", "smtp_host"),
        ("sms", r"notify\.sms"),
        ("apprise", r"notify\.apprise is false"),
    ):
        with pytest.raises(NotNow, match=why):
            made[name].send(parcel(address="a@b.c"))


def test_sms_into_the_data_folder(tmp_path: Path) -> None:
    """Where the settings say file."""
    made = channels(NotifySettings(sms="file"), tmp_path, AT.timestamp)
    made["sms"].send(parcel(address="13800001234"))
    assert list((tmp_path / "sms").iterdir())


def test_hosts_come_from_the_settings(tmp_path: Path) -> None:
    """Relays and tests; robots may be anywhere, webhooks only where it is allowed."""
    with HttpRig() as rig:
        rig.answer = lambda _: Said(200, b'{"errcode": 0, "code": 0}')
        settings = NotifySettings(
            sms="http",
            sms_url=rig.url,
            wecom_url=rig.url,
            dingtalk_url=rig.url,
            feishu_url=rig.url,
            webhook_plain=True,
        )
        made = channels(settings, tmp_path, AT.timestamp)
        for name in ("wecom", "dingtalk", "feishu", "sms"):
            made[name].send(parcel(address="12345678"))
        with pytest.raises(Refused, match="not allowed"):
            made["webhook"].send(parcel(address=rig.url))
        assert len(rig.asked) == 4
        settings = msgspec.structs.replace(settings, webhook_networks=["127.0.0.0/8"])
        channels(settings, tmp_path, AT.timestamp)["webhook"].send(parcel(address=rig.url))
    assert len(rig.asked) == 5
