"""Robots of WeChat Work, DingTalk and Feishu: requests, signatures, lengths and codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from notify_rig import AT, HttpRig, Said, parcel

from alerts.notify.channels import dingtalk, feishu, wecom
from alerts.notify.channels.web import Web
from alerts.notify.parcel import Channel, NotNow, Refused

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
NOW = AT.timestamp()


@pytest.fixture
def rig() -> Iterator[HttpRig]:
    """A server that takes all."""
    with HttpRig() as made:
        made.answer = lambda _: Said(200, b'{"errcode": 0, "code": 0, "errmsg": "ok"}')
        yield made


def robots(rig: HttpRig) -> dict[str, Channel]:
    """All three, at that server."""
    web = Web(timeout_s=20)
    return {
        "wecom": wecom.WecomRobot(rig.url, web),
        "dingtalk": dingtalk.DingtalkRobot(rig.url, web, lambda: NOW),
        "feishu": feishu.FeishuRobot(rig.url, web, lambda: NOW),
    }


def said(rig: HttpRig) -> Any:
    """The last body."""
    return json.loads(rig.asked[-1].body)


def test_wecom(rig: HttpRig) -> None:
    """The key of the URL that people copy, or alone."""
    url = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
    for address in (KEY, url):
        robots(rig)["wecom"].send(parcel(address=address))
        assert rig.asked[-1].path == f"/hook?key={KEY}"
        assert said(rig)["msgtype"] == "text"
        assert said(rig)["text"]["content"].startswith("【警告】西湖站 PM2.5 182 µg/m³\n发现异常")


def test_dingtalk(rig: HttpRig) -> None:
    """Signed with the milliseconds."""
    url = f"https://oapi.dingtalk.com/robot/send?access_token={KEY}"
    robots(rig)["dingtalk"].send(parcel(address=url, secret="SECabc+/="))
    asked = parse_qs(urlsplit(rig.asked[-1].path).query)
    stamp = str(round(NOW * 1000))
    mac = hmac.new(b"SECabc+/=", f"{stamp}\nSECabc+/=".encode(), hashlib.sha256).digest()
    assert asked == {
        "access_token": [KEY],
        "timestamp": [stamp],
        "sign": [base64.b64encode(mac).decode()],
    }
    assert said(rig)["at"] == {"isAtAll": False}
    robots(rig)["dingtalk"].send(parcel(address=KEY))
    assert rig.asked[-1].path == f"/hook?access_token={KEY}"


def test_signatures_as_the_services_show_them() -> None:
    """DingTalk's secret is the key, Feishu's is part of it, over nothing."""
    assert dingtalk.sign("1577262236757", "this is secret") == (
        base64.b64encode(
            hmac.digest(b"this is secret", b"1577262236757\nthis is secret", "sha256")
        ).decode()
    )
    assert feishu.sign("1599360473", "demo") == (
        base64.b64encode(hmac.digest(b"1599360473\ndemo", b"", "sha256")).decode()
    )


def test_feishu(rig: HttpRig) -> None:
    """Signed in the body; nobody is called by a name of a station."""
    url = f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}"
    harm = '<at user_id="all">所有人</at> 5 < 6'
    robots(rig)["feishu"].send(parcel(address=url, secret="demo", subject=harm))
    assert rig.asked[-1].path == f"/hook/{KEY}"
    body = said(rig)
    stamp = str(round(NOW))
    assert body["timestamp"] == stamp
    assert body["sign"] == feishu.sign(stamp, "demo")
    text = body["content"]["text"]
    assert text.startswith('＜at user_id="all">所有人＜/at> 5 < 6\n')
    robots(rig)["feishu"].send(parcel(address=KEY))
    assert "sign" not in said(rig)


@pytest.mark.parametrize(
    ("name", "most", "text"),
    [
        ("wecom", 2048, lambda body: body["text"]["content"]),
        ("dingtalk", 5000, lambda body: body["text"]["content"]),
        ("feishu", 12_000, lambda body: body["content"]["text"]),
    ],
)
def test_what_is_too_long_is_cut(
    rig: HttpRig, name: str, most: int, text: Callable[[Any], str]
) -> None:
    """Between characters, and one sees it."""
    robots(rig)[name].send(parcel(address=KEY, text="长\n" * 10_000))
    found = text(said(rig))
    assert most - 4 <= len(found.encode()) <= most
    assert found.endswith("…")
    assert len(rig.asked[-1].body) < 20_000


CODES = [
    ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, NotNow, 60.0),
    ("wecom", {"errcode": -1, "errmsg": "system busy"}, NotNow, None),
    ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, Refused, None),
    ("wecom", {"errcode": 4711, "errmsg": "new"}, NotNow, None),
    ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}, NotNow, 600.0),
    ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, Refused, None),
    ("dingtalk", {"errcode": 300001, "errmsg": "token is not exist"}, Refused, None),
    ("feishu", {"code": 11232, "msg": "frequency limited"}, NotNow, 60.0),
    ("feishu", {"code": 9499, "msg": "too many request"}, NotNow, None),
    ("feishu", {"code": 9499, "msg": "Bad Request"}, Refused, None),
    ("feishu", {"code": 19021, "msg": "sign match fail"}, Refused, None),
    ("feishu", {"code": 19024, "msg": "Key Words Not Found"}, Refused, None),
]


@pytest.mark.parametrize(("name", "body", "kind", "after_s"), CODES)
def test_codes(
    rig: HttpRig, name: str, body: Any, kind: type[Exception], after_s: float | None
) -> None:
    """They come with a status of 200, or not."""
    for status in (200, 400):
        rig.answer = lambda _, status=status: Said(status, json.dumps(body).encode())
        with pytest.raises(kind) as told:
            robots(rig)[name].send(parcel(address=KEY))
        words = body.get("errmsg", body.get("msg"))
        assert words in str(told.value)
        if isinstance(told.value, NotNow):
            assert told.value.after_s == after_s


def test_feishu_of_old(rig: HttpRig) -> None:
    """It called its code otherwise."""
    rig.answer = lambda _: Said(200, b'{"StatusCode": 0, "StatusMessage": "success"}')
    assert robots(rig)["feishu"].send(parcel(address=KEY)).text == "code 0"


@pytest.mark.parametrize("name", ["wecom", "dingtalk", "feishu"])
def test_answers_without_a_code(rig: HttpRig, name: str) -> None:
    """A login page is no receipt."""
    for body in (b"<html>welcome</html>", b"{}", b'{"errcode": "0"}', b""):
        rig.answer = lambda _, body=body: Said(200, body)
        with pytest.raises(NotNow, match="without a code"):
            robots(rig)[name].send(parcel(address=KEY))
    rig.answer = lambda _: Said(404, b"no")
    with pytest.raises(Refused):
        robots(rig)[name].send(parcel(address=KEY))
    rig.answer = lambda _: Said(429, b"", {"Retry-After": "5"})
    with pytest.raises(NotNow) as told:
        robots(rig)[name].send(parcel(address=KEY))
    assert told.value.after_s == 5.0


@pytest.mark.parametrize("name", ["wecom", "dingtalk", "feishu"])
def test_errors_say_no_secret(rig: HttpRig, name: str) -> None:
    """Even when the service repeats it."""
    rig.answer = lambda _: Said(
        200,
        json.dumps({"errcode": 1, "code": 1, "errmsg": KEY, "msg": f"no {KEY} SECx1234"}).encode(),
    )
    with pytest.raises(NotNow) as told:
        robots(rig)[name].send(parcel(address=f"https://h/{KEY}?key={KEY}", secret="SECx1234"))
    assert KEY not in str(told.value)
    assert "SECx1234" not in str(told.value)
