"""A robot of a group in Feishu (飞书).

Signed in the body when the contact has a secret; its HMAC has stamp and secret as its key and
nothing as its message. Requests of at most 20 KB, 100 a minute and 5 a second a robot; 11232 and
"too many request" under 9499: too often, likely at full hours; 19021, 19022, 19024: signature,
address or keyword do not fit (its guide to custom robots; confirmed).
Tests: tests/alerts/notify/test_robots.py.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from alerts.notify.channels.robots import Verdicts, tell, whole
from alerts.notify.channels.web import Web
from alerts.notify.parcel import Parcel, Receipt
from alerts.notify.plain import cut_bytes

MOST_BYTES = 12_000  # line ends and quotes grow in JSON
VERDICTS = Verdicts(
    "code",
    "msg",
    later={11232: 60.0, 11233: 60.0, 99991400: 60.0},
    never=frozenset((9499, 19001, 19002, 19021, 19022, 19024)),
)
_TAG = re.compile(r"<(?=\s*/?\s*[a-zA-Z])")


class FeishuRobot:
    """Messages to ``url``, with the key of the contact behind it. ``now``: UTC, seconds since
    1970."""

    def __init__(self, url: str, web: Web, now: Callable[[], float]) -> None:
        self._url = url
        self._web = web
        self._now = now

    def send(self, parcel: Parcel) -> Receipt:
        """Refused, NotNow."""
        said: dict[str, Any] = {
            "msg_type": "text",
            "content": {"text": cut_bytes(without_tags(whole(parcel)), MOST_BYTES)},
        }
        if parcel.secret:
            stamp = str(round(self._now()))
            said |= {"timestamp": stamp, "sign": sign(stamp, parcel.secret)}
        url = f"{self._url.rstrip('/')}/{quote(key(parcel.address), safe='')}"
        return tell(self._web, url, said, parcel, VERDICTS)


def sign(stamp: str, secret: str) -> str:
    """Base64 of HMAC-SHA256 with stamp, line end and secret as the key, over nothing."""
    mac = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def without_tags(text: str) -> str:
    """Feishu calls people by <at user_id="all">, even in text: < before a letter becomes wide."""
    return _TAG.sub("＜", text)


def key(address: str) -> str:
    """The key of a robot: the end of its URL, or what stands there."""
    if "://" not in address:
        return address
    return urlsplit(address).path.rstrip("/").rpartition("/")[2]
