"""A channel to a web server: messages are posted as a JSON array, one request at a time.

A status from 200 to 299 confirms all of them. 408, 429 and 5xx, or no answer, mean that the server
cannot now. Any other status refuses: the messages of that request are then posted one by one, and
the one that is refused alone is the one. Tests: tests/hub/forward/publish/test_webhook.py.
"""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from twisted.internet import defer, error, ssl
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import (
    Agent,
    BrowserLikePolicyForHTTPS,
    FileBodyProducer,
    HTTPConnectionPool,
    ResponseNeverReceived,
)
from twisted.web.http_headers import Headers

from hj212d.hub.forward.publish.address import address
from hj212d.hub.forward.publish.channel import Channel, Ear, Message
from hj212d.hub.forward.settings import ForwardSettings

AT_ONCE = 200
LONGEST_ANSWER_BYTES = 64 * 1024
_SCHEMES = {"http": 80, "https": 443}
_LATER = frozenset((408, 425, 429))
# A request that is cancelled while its answer is awaited fails with the cancellation inside.
_LATE = (defer.TimeoutError, error.TimeoutError, CancelledError)


def channels(settings: ForwardSettings, reactor: Any) -> Callable[[Ear], Channel]:
    """Makes channels to ``http[s]://[user:password@]host[:port]/path``; ValueError."""
    query = settings.url.partition("?")[2]
    where = address(settings.url.partition("?")[0], _SCHEMES, ())
    host, port = where.hosts[0]
    shown = f"[{host}]" if ":" in host else host
    url = f"{where.scheme}://{shown}:{port}{where.path or '/'}" + (f"?{query}" if query else "")
    headers = {"Content-Type": ["application/json"], "User-Agent": ["hj212d"]}
    if where.user:
        who = base64.b64encode(f"{where.user}:{where.password}".encode()).decode("ascii")
        headers["Authorization"] = [f"Basic {who}"]
    policy = _policy(settings) if where.scheme == "https" else BrowserLikePolicyForHTTPS()
    return lambda ear: _WebChannel(
        url.encode("ascii"), Headers(headers), policy, ear, reactor, settings.timeout_s
    )


def _policy(settings: ForwardSettings) -> BrowserLikePolicyForHTTPS:
    """Whose certificates are trusted: those of the system, or those of ``ca_file``."""
    if not settings.ca_file:
        return BrowserLikePolicyForHTTPS()
    try:
        pem = Path(settings.ca_file).read_bytes()
    except OSError as fault:
        raise ValueError(f"ca_file: {settings.ca_file}: {fault.strerror}") from None
    begin, end = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
    found = [
        ssl.Certificate.loadPEM(begin + piece.partition(end)[0] + end)
        for piece in pem.split(begin)[1:]
    ]
    return BrowserLikePolicyForHTTPS(trustRoot=ssl.trustRootFromCertificates(found))


class _WebChannel:
    """Requests to one address, one after the other."""

    def __init__(
        self,
        url: bytes,
        headers: Headers,
        policy: BrowserLikePolicyForHTTPS,
        ear: Ear,
        reactor: Any,
        timeout_s: float,
    ) -> None:
        self._url = url
        self._headers = headers
        self._ear = ear
        self._reactor = reactor
        self._timeout_s = timeout_s
        self._pool = HTTPConnectionPool(reactor)
        self._agent = Agent(reactor, policy, connectTimeout=timeout_s, pool=self._pool)
        self._waiting: deque[Message] = deque()
        self._alone = 0  # so many of the first are posted one by one
        self._posting: Deferred[Any] | None = None
        self._closed = False

    def open(self) -> None:
        """There is nothing to open: the first request will tell."""
        self._reactor.callLater(0, self._ear.up)

    def publish(self, message: Message) -> None:
        """Post it with the next request."""
        self._waiting.append(message)
        if self._posting is None:
            self._posting = succeed(None)
            self._reactor.callLater(0, self._post)

    def close(self) -> Deferred[None]:
        """Give up what is under way and close the connections."""
        self._closed = True
        self._waiting.clear()
        if self._posting is not None:
            self._posting.cancel()
        closed: Deferred[None] = self._pool.closeCachedConnections()
        return closed

    def _post(self) -> None:
        if not self._waiting:
            self._posting = None
            return
        count = 1 if self._alone else min(AT_ONCE, len(self._waiting))
        posted = [self._waiting[index] for index in range(count)]
        body = b"[" + b",".join(message.body for message in posted) + b"]"
        content: Any = FileBodyProducer(BytesIO(body))
        done = self._agent.request(b"POST", self._url, self._headers, content)
        done.addCallback(_read)
        done.addTimeout(self._timeout_s, self._reactor)
        done.addCallbacks(self._answered, self._failed, callbackArgs=(posted,))
        self._posting = done

    def _answered(self, status: int, posted: list[Message]) -> None:
        if self._closed:
            return
        if status in _LATER or status >= 500:
            self._ear.down(f"the server answers with {status}")
            return
        accepted = 200 <= status < 300
        if not accepted and len(posted) > 1:
            self._alone = len(posted)
            self._post()
            return
        for _ in posted:
            self._waiting.popleft()
        self._alone = max(0, self._alone - len(posted))
        for message in posted:
            if accepted:
                self._ear.published(message.number)
            else:
                self._ear.refused(message.number, f"the server answers with {status}")
        self._post()

    def _failed(self, failure: Failure) -> None:
        if self._closed:
            return
        causes = [failure]
        if isinstance(failure.value, ResponseNeverReceived):
            causes = failure.value.reasons
        if any(cause.check(*_LATE) for cause in causes):
            why = f"no answer within {self._timeout_s:g} s"
        else:
            why = "; ".join(cause.getErrorMessage() for cause in causes)
        self._ear.down(f"the request failed: {why}")


class _Answer(Protocol):
    """Reads an answer to its end, so that the connection is free again; what is in it does not
    matter, and none that goes on and on is waited for."""

    def __init__(self, status: int) -> None:
        self.done: Deferred[int] = Deferred(lambda _: self._abort())
        self._status = status
        self._bytes = 0

    def dataReceived(self, data: bytes) -> None:
        """A piece of it."""
        self._bytes += len(data)
        if self._bytes > LONGEST_ANSWER_BYTES:
            self._abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002
        """That was all."""
        if not self.done.called:
            self.done.callback(self._status)

    def _abort(self) -> None:
        transport: Any = self.transport
        if transport is not None:
            transport.loseConnection()


def _read(response: Any) -> Deferred[int]:
    """The status, once the answer was read."""
    answer = _Answer(response.code)
    response.deliverBody(answer)
    return answer.done
