"""A channel to a web server: messages are posted as a JSON array, one request at a time.

A status from 200 to 299 confirms all of them. A status that judges the content refuses: then
fewer go at once, until the one that is refused alone is found. Any other (no user, no such page, a
redirect, busy), or no answer, is about us or the server: no message is to blame.
Tests: tests/hub/forward/publish/test_webhook.py, test_webhook_tls.py.
"""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import Any

import msgspec
from twisted.internet import defer, error
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred, succeed
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import Agent, FileBodyProducer, HTTPConnectionPool, ResponseNeverReceived
from twisted.web.http_headers import Headers
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from hj212d.hub.forward.endpoint import client_tls
from hj212d.hub.forward.publish import target
from hj212d.hub.forward.publish.address import Address, host_port
from hj212d.hub.forward.publish.channel import Channel, Ear, Message
from hj212d.hub.forward.publish.reasons import reason
from hj212d.hub.forward.settings import ForwardSettings

AT_ONCE = 200
MORE = 10  # go at once after a request that was confirmed, until they are AT_ONCE again
LARGEST_REQUEST_BYTES = 1_000_000  # many servers take a megabyte; one message may be larger
LONGEST_ANSWER_BYTES = 64 * 1024
_OF_THE_CONTENT = frozenset((400, 406, 409, 413, 415, 422))
# A request that is cancelled while its answer is awaited fails with the cancellation inside.
_LATE = (defer.TimeoutError, error.TimeoutError, CancelledError)


def channels(settings: ForwardSettings, reactor: Any) -> Callable[[Ear], Channel]:
    """Makes channels to ``http[s]://[user:password@]host[:port]/path?query``; ValueError."""
    where = target.place(settings)
    return lambda ear: _WebChannel(settings, where, ear, reactor)


def _headers(settings: ForwardSettings, where: Address) -> Headers:
    found = {"Content-Type": ["application/json"], "User-Agent": ["hj212d"]}
    if settings.token:
        found["Authorization"] = [f"Bearer {settings.token}"]
    elif where.user:
        who = base64.b64encode(f"{where.user}:{where.password}".encode()).decode("ascii")
        found["Authorization"] = [f"Basic {who}"]
    return Headers(found)


@implementer(IPolicyForHTTPS)
class _Policy:
    """Who is trusted, and what we show; files are read anew for each connection."""

    def __init__(self, settings: ForwardSettings) -> None:
        self._settings = settings

    def creatorForNetloc(self, hostname: bytes, _port: int) -> Any:
        """As Twisted asks for it; OSError, ValueError for files that cannot be used."""
        host = hostname.decode("ascii").removeprefix("[").removesuffix("]")
        return client_tls(msgspec.structs.replace(self._settings, host=host))


class _WebChannel:
    """Requests to one address, one after the other."""

    def __init__(self, settings: ForwardSettings, where: Address, ear: Ear, reactor: Any) -> None:
        query = f"?{where.query}" if where.query else ""
        host = host_port(*where.hosts[0])
        self._url = f"{where.scheme}://{host}{where.path or '/'}{query}".encode("ascii")
        self._headers = _headers(settings, where)
        self._ear = ear
        self._reactor = reactor
        self._timeout_s = settings.timeout_s
        self._pool = HTTPConnectionPool(reactor)
        self._agent = Agent(
            reactor, _Policy(settings), connectTimeout=settings.timeout_s, pool=self._pool
        )
        self._waiting: deque[Message] = deque()
        self._at_once = AT_ONCE
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
        posted = self._next()
        if not posted or self._closed:
            self._posting = None
            return
        body = b"[" + b",".join(message.body for message in posted) + b"]"
        content: Any = FileBodyProducer(BytesIO(body))
        done = maybeDeferred(self._agent.request, b"POST", self._url, self._headers, content)
        done.addTimeout(self._timeout_s, self._reactor)
        done.addCallback(self._read)
        done.addCallbacks(self._answered, self._failed, callbackArgs=(posted,))
        self._posting = done

    def _next(self) -> list[Message]:
        """The first of those that wait, as many as one request holds; they wait on."""
        posted: list[Message] = []
        size = 0
        for message in self._waiting:
            size += len(message.body) + 1
            if posted and (len(posted) >= self._at_once or size > LARGEST_REQUEST_BYTES):
                break
            posted.append(message)
        return posted

    def _read(self, response: Any) -> Deferred[int]:
        """The status, once the answer was read."""
        answer = _Answer(response.code)
        answer.late = self._reactor.callLater(self._timeout_s, answer.abort)
        response.deliverBody(answer)
        return answer.done

    def _answered(self, status: int, posted: list[Message]) -> None:
        if self._closed:
            return
        accepted = 200 <= status < 300
        if not accepted and status not in _OF_THE_CONTENT:
            self._ear.down(_words(status))
            return
        if not accepted and len(posted) > 1:
            self._at_once = len(posted) // 2
            self._post()
            return
        for message in posted:
            self._waiting.popleft()
            if accepted:
                self._ear.published(message.number)
            else:
                self._ear.refused(message.number, _words(status))
        if accepted:
            self._at_once = min(AT_ONCE, self._at_once + MORE)
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
            why = reason(failure)
        self._ear.down(f"the request failed: {why}")


def _words(status: int) -> str:
    """``the server answers with 404 Not Found``."""
    try:
        name = f" {HTTPStatus(status).phrase}"
    except ValueError:
        name = ""
    hint = ", and redirects are not followed" if 300 <= status < 400 else ""
    return f"the server answers with {status}{name}{hint}"


class _Answer(Protocol):
    """Reads an answer to its end, so that the connection is free again; what is in it does not
    matter, and none that goes on and on is waited for: its status was said."""

    def __init__(self, status: int) -> None:
        self.done: Deferred[int] = Deferred(lambda _: self.abort())
        self.late: Any = None
        self._status = status
        self._bytes = 0

    def dataReceived(self, data: bytes) -> None:
        """A piece of it."""
        self._bytes += len(data)
        if self._bytes > LONGEST_ANSWER_BYTES:
            self.abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002
        """That was all."""
        if self.late is not None and self.late.active():
            self.late.cancel()
        if not self.done.called:
            self.done.callback(self._status)

    def abort(self) -> None:
        """Wait for no more of it."""
        transport: Any = self.transport
        if transport is not None:
            transport.loseConnection()
