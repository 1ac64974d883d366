"""A robot of a group in DingTalk (钉钉).

Signed with timestamp and HMAC-SHA256 when the contact has a secret. 20 messages a minute; who
sends more is shut out for ten minutes (130101; confirmed). 310000: what its security settings
demand (signature, keyword, address) is not met. Other codes of refusal are background knowledge.
Tests: tests/alerts/notify/test_robots.py.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from alerts.notify.channels.robots import Verdicts, tell, whole
from alerts.notify.channels.web import Web
from alerts.notify.parcel import Parcel, Receipt
from alerts.notify.plain import cut_bytes

MOST_BYTES = 5000  # of characters; so it holds for Chinese, too
SHUT_OUT_S = 600.0
VERDICTS = Verdicts(
    "errcode",
    "errmsg",
    later={-1: None, 130101: SHUT_OUT_S, 130103: SHUT_OUT_S, 410100: SHUT_OUT_S, 302033: 60.0},
    never=frozenset(
        (300001, 300005, 310000, 400013, 400101, 400102, 400105, 400106, 430101, 430102, 430103)
    ),
)


class DingtalkRobot:
    """Messages to ``url``, with the token of the contact. ``now``: UTC, seconds since 1970."""

    def __init__(self, url: str, web: Web, now: Callable[[], float]) -> None:
        self._url = url
        self._web = web
        self._now = now

    def send(self, parcel: Parcel) -> Receipt:
        """Refused, NotNow."""
        asked = {"access_token": token(parcel.address)}
        if parcel.secret:
            stamp = str(round(self._now() * 1000))
            asked |= {"timestamp": stamp, "sign": sign(stamp, parcel.secret)}
        said = {
            "msgtype": "text",
            "text": {"content": cut_bytes(whole(parcel), MOST_BYTES)},
            "at": {"isAtAll": False},
        }
        url = f"{self._url}?{urlencode(asked, quote_via=quote, safe='')}"
        return tell(self._web, url, said, parcel, VERDICTS)


def sign(stamp: str, secret: str) -> str:
    """Base64 of HMAC-SHA256 with the secret over stamp, line end and secret."""
    mac = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def token(address: str) -> str:
    """The token of a robot: of its URL, or what stands there."""
    if "://" not in address:
        return address
    return parse_qs(urlsplit(address).query).get("access_token", [""])[0]
