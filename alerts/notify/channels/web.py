"""One request over HTTP with an end to it: no redirects, TLS checked, answers limited in size and
time, and errors in words that name no address.

Tests: tests/alerts/notify/test_web_channel.py.
"""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from alerts.notify.channels.deadline import Deadline, deadline
from alerts.notify.channels.reaching import Allowed, connect, in_words, trust
from alerts.notify.parcel import NotNow, Refused

MOST_BYTES = 64 * 1024
LONGEST_WAIT_S = 86_400.0
AGENT = "hj212d"
_LATER = frozenset((408, 409, 421, 423, 425, 429))


class Answer(msgspec.Struct, frozen=True):
    """``body``: its first 64 KiB, less when it broke off or took too long. ``retry_after_s``: when
    the server said so."""

    status: int
    body: bytes
    retry_after_s: float | None = None

    @property
    def good(self) -> bool:
        """200 to 299."""
        return 200 <= self.status < 300

    def words(self) -> dict[str, Any]:
        """The body as a JSON object, empty when it is none."""
        try:
            found = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return {}
        return found if isinstance(found, dict) else {}


class Web:
    """How requests go out. ``allowed``: to which addresses; not asked of a proxy, which has rules
    of its own. Used by several threads."""

    def __init__(
        self,
        *,
        timeout_s: float,
        ca_file: str = "",
        proxy: str = "",
        allowed: Allowed | None = None,
    ) -> None:
        self._timeout_s = timeout_s
        self._ca_file = ca_file
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._allowed = None if proxy else allowed

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """What was answered. NotNow when nothing was; Refused when nothing can be sent there."""
        with deadline(self._timeout_s) as until, requests.Session() as session:
            session.trust_env = False
            adapter = _Adapter(until, self._allowed, self._ca_file)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            try:
                return self._asked(session, method, url, headers, body)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as fault:
                if isinstance(fault, _UNSENDABLE):
                    raise Refused("the address is no URL that a request can go to") from None
                # Not chained: such errors say the URL, and whoever logs them would, too.
                raise NotNow(in_words(_innermost(fault), until)) from None

    def _asked(
        self,
        session: requests.Session,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Answer:
        with session.request(
            method,
            url,
            data=body,
            headers={"User-Agent": AGENT, "Accept": "application/json", **headers},
            timeout=self._timeout_s,
            allow_redirects=False,
            stream=True,
            proxies=self._proxies,
        ) as answer:
            wait_s = retry_after_s(answer.headers.get("Retry-After", ""), time.time())
            return Answer(answer.status_code, _first(answer), wait_s)


def judge(answer: Answer) -> None:
    """Nothing for 2xx. NotNow for what may pass: 408, 409, 425, 429 and 5xx. Refused else."""
    if answer.good:
        return
    said = f"the server answers {answer.status}"
    if answer.status in _LATER or answer.status >= 500:
        raise NotNow(said, answer.retry_after_s)
    if 300 <= answer.status < 400:
        raise Refused(f"{said}, a redirect, which is not followed")
    raise Refused(said)


def retry_after_s(text: str, now: float) -> float | None:
    """Retry-After, seconds or a date; None for none, or nothing that can be read."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT_S)
    try:
        wait_s = parsedate_to_datetime(text).timestamp() - now
    except (ValueError, OverflowError):
        return None
    return min(max(wait_s, 0.0), LONGEST_WAIT_S) if math.isfinite(wait_s) else None


_UNSENDABLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    urllib3.exceptions.LocationValueError,
)


def _first(answer: requests.Response) -> bytes:
    """The status is known: what breaks off behind it is as if it were not said."""
    held = bytearray()
    try:
        for piece in answer.iter_content(8192):
            held += piece
            if len(held) >= MOST_BYTES:
                break
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
        pass
    return bytes(held[:MOST_BYTES])


def _innermost(fault: BaseException) -> Exception:
    """What the libraries wrapped."""
    seen = {id(fault)}
    while True:
        inner = fault.__cause__ or getattr(fault, "reason", None) or fault.__context__
        if not isinstance(inner, BaseException) and fault.args:
            inner = next((one for one in fault.args if isinstance(one, BaseException)), None)
        if not isinstance(inner, BaseException) or id(inner) in seen:
            break
        seen.add(id(inner))
        fault = inner
    return fault if isinstance(fault, Exception) else OSError()


class _Adapter(HTTPAdapter):
    """An adapter whose connections end in time, and go only where they may."""

    def __init__(self, until: Deadline, allowed: Allowed | None, ca_file: str) -> None:
        self._until = until
        self._allowed = allowed
        self._ca_file = ca_file
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As it is, with connections of ours."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._until, self._allowed)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The same for a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _pools(self._until, None)
        return manager

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        """TLS as we trust it."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            pool = {"ssl_context": trust(self._ca_file), "cert_reqs": "CERT_REQUIRED"}
        return host, pool


def _pools(until: Deadline, allowed: Allowed | None) -> dict[str, Any]:
    def reach(self: Any) -> socket.socket:
        return connect(self._dns_host, self.port, until, allowed)

    plain = type("_Plain", (HTTPConnection,), {"_new_conn": reach})
    sealed = type("_Sealed", (HTTPSConnection,), {"_new_conn": reach})
    return {
        "http": type("_PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("_SealedPool", (HTTPSConnectionPool,), {"ConnectionCls": sealed}),
    }
