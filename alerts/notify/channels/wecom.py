"""A robot of a group in WeChat Work (企业微信).

Text of at most 2,048 bytes, about 20 messages a minute a robot (page 91770 of its developers'
documentation; confirmed). 45009: too often; 93000: no such robot.
Tests: tests/alerts/notify/test_robots.py.
"""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

from alerts.notify.channels.robots import Verdicts, tell, whole
from alerts.notify.channels.web import Web
from alerts.notify.parcel import Parcel, Receipt
from alerts.notify.plain import cut_bytes

MOST_BYTES = 2048
# Text has no markup and @ in it calls nobody, so that no name of a station can.
VERDICTS = Verdicts(
    "errcode",
    "errmsg",
    later={-1: None, 45009: 60.0, 45033: 60.0},
    never=frozenset((40008, 40058, 44004, 45002, 93000, 93004, 93008)),
)


class WecomRobot:
    """Messages to ``url``, with the key of the contact."""

    def __init__(self, url: str, web: Web) -> None:
        self._url = url
        self._web = web

    def send(self, parcel: Parcel) -> Receipt:
        """Refused, NotNow."""
        said = {
            "msgtype": "text",
            "text": {"content": cut_bytes(whole(parcel), MOST_BYTES)},
        }
        url = f"{self._url}?key={quote(key(parcel.address), safe='')}"
        return tell(self._web, url, said, parcel, VERDICTS)


def key(address: str) -> str:
    """The key of a robot: of its URL, or what stands there."""
    if "://" not in address:
        return address
    return parse_qs(urlsplit(address).query).get("key", [""])[0]
