"""Addresses of contacts, as they are set and as they are shown."""

from __future__ import annotations

import pytest

from alerts.notify.addresses import FIELDS, checked, masked

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
GOOD = {
    "app": "",
    "email": "zhang.san+a@mail.example.org",
    "sms": "13800001234",
    "wecom": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
    "dingtalk": f"https://oapi.dingtalk.com/robot/send?access_token={KEY}",
    "dingtalk_secret": "SEC0123456789",
    "feishu": f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}",
    "feishu_secret": "demo",
    "webhook": "https://host.example.org:8443/in?x=1",
    "webhook_token": "shared",
    "apprise": "mailto://user:pass@host",
}


def test_good_ones() -> None:
    """They stay; blanks in numbers do not."""
    assert set(GOOD) == set(FIELDS)
    assert checked(GOOD) == GOOD
    assert checked({"sms": " +86 138-0000-1234 ", "wecom": KEY}) == {
        "sms": "+8613800001234",
        "wecom": KEY,
    }


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("fax", "1"),
        ("email", ""),
        ("email", "zhang"),
        ("email", "a@b@c.d"),
        ("email", "a..b@c.d"),
        ("email", ".a@c.d"),
        ("email", "张@example.org"),
        ("email", "a@b.c\r\nBcc: d@e.f"),
        ("email", "A <a@b.c>"),
        ("email", "a@b.c,d@e.f"),
        ("email", "a@-b.c"),
        ("email", "a@" + "b" * 300),
        ("sms", "12"),
        ("sms", "1380000abcd"),
        ("wecom", "http://host/send?key=" + KEY),
        ("wecom", "https://host/send"),
        ("wecom", "a b"),
        ("dingtalk", "https://host/?access_token="),
        ("feishu", "https://open.feishu.cn/"),
        ("webhook", "host"),
        ("webhook", "ftp://host/"),
        ("webhook", "https://me:sesame@host/"),
        ("webhook", "https://host:99999/"),
        ("webhook", "https://[::1/"),
        ("webhook", "https:///x"),
        ("webhook", "https://host/" + "x" * 3000),
        ("apprise", "mailto"),
        ("dingtalk_secret", "x"),
    ],
)
def test_bad_ones(field: str, text: str) -> None:
    """One sentence that names the field, and tells no address."""
    with pytest.raises(ValueError, match=f"^{field}: ") as told:
        checked({field: text})
    assert len(text) < 6 or text not in str(told.value)
    assert "sesame" not in str(told.value)


def test_shown() -> None:
    """Enough to tell them apart, nothing to use."""
    assert masked("email", "zhang@example.org") == "z***@example.org"
    assert masked("sms", "13800001234") == "138****1234"
    assert masked("sms", "12345") == "****"
    assert masked("webhook", GOOD["webhook"]) == "https://host.example.org/***"
    for field in ("wecom", "dingtalk", "feishu", "apprise", "webhook_token", "feishu_secret"):
        assert masked(field, GOOD[field]) == "***"
    assert masked("email", "") == ""
