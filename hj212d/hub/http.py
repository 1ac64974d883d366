"""HTTP: the pages in threads of their own, /metrics and /health on the event loop.

So many pages at once and no more; whoever comes then is told to come again, and neither metrics
nor ingest nor control notice. Tests: tests/hub/test_http.py.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST
from twisted.application.service import Service
from twisted.internet.defer import inlineCallbacks
from twisted.python.threadpool import ThreadPool
from twisted.web.resource import Resource
from twisted.web.server import Request, Site
from twisted.web.wsgi import WSGIResource

PAGE_THREADS = 4
PAGES_AT_ONCE = 32
IDLE_S = 60
REQUEST_BYTES = 64 * 1024
API = b"/api/"
API_METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE")

_PLAIN = b"text/plain; charset=utf-8"


class HttpService(Service):
    """Owner of the listening port and of the page threads."""

    def __init__(
        self,
        reactor: Any,
        address: str,
        pages: Callable[..., Any],
        metrics: Callable[[], bytes],
        health: Callable[[], list[str]],
    ) -> None:
        """``address``: "host:port". ValueError when it is none."""
        self._reactor = reactor
        self._host, self._port_number = split(address)
        self._threads = ThreadPool(0, PAGE_THREADS, "pages")
        self._port: Any = None
        wsgi = WSGIResource(reactor, self._threads, pages)
        self._site = _QuietSite(_Root(wsgi, metrics, health), reactor)

    @property
    def address(self) -> str:
        """Where it listens, with the port that was found for port 0."""
        assert self._port is not None, "not started"
        found = self._port.getHost()
        host = f"[{found.host}]" if ":" in found.host else found.host
        return f"{host}:{found.port}"

    def startService(self) -> None:
        """Listen; CannotListenError when the address is taken."""
        self._port = self._reactor.listenTCP(self._port_number, self._site, interface=self._host)
        self._threads.start()
        Service.startService(self)

    @inlineCallbacks
    def stopService(self) -> Any:
        """Accept nobody, let running pages end."""
        Service.stopService(self)
        if self._port is not None:
            yield self._port.stopListening()
            self._threads.stop()


class _QuietSite(Site):
    """A site without a line in the log for each page and each look at the metrics."""

    noisy = False

    def __init__(self, root: Resource, reactor: Any) -> None:
        Site.__init__(self, root, timeout=IDLE_S, reactor=reactor)

    def log(self, request: Any) -> None:
        """Nothing."""


class _Root(Resource):
    """Our own two paths; all else is the pages'."""

    def __init__(
        self, pages: WSGIResource, metrics: Callable[[], bytes], health: Callable[[], list[str]]
    ) -> None:
        Resource.__init__(self)
        self._pages = _Bounded(pages)
        own: dict[bytes, Any] = {b"metrics": _Metrics(metrics), b"health": _Health(health)}
        for name, resource in own.items():
            self.putChild(name, resource)

    def getChild(self, name: bytes, request: Any) -> Any:
        """What is not ours goes to the pages, its path as it was."""
        request.prepath.pop()
        request.postpath.insert(0, name)
        return self._pages


class _Bounded(Resource):
    """Lets so many requests through to the pages at once."""

    isLeaf = True

    def __init__(self, pages: WSGIResource) -> None:
        Resource.__init__(self)
        self._pages = pages
        self._at_once = 0

    def render(self, request: Request) -> Any:
        """A page, or 503 when too many are being made; only the API takes more than reading."""
        allowed = API_METHODS if request.path.startswith(API) else (b"GET", b"HEAD")
        if request.method not in allowed:
            names = b", ".join(allowed)
            request.setHeader(b"allow", names)
            return _plain(request, 405, b"only " + names.replace(b", ", b" and ") + b"\n")
        if request.content is not None:
            if request.content.seek(0, 2) > REQUEST_BYTES:
                return _plain(request, 413, b"too large\n")
            request.content.seek(0)
        if self._at_once >= PAGES_AT_ONCE:
            request.setHeader(b"retry-after", b"5")
            return _plain(request, 503, "页面繁忙 · too many pages at once\n".encode())
        self._at_once += 1
        request.notifyFinish().addBoth(self._finished)
        return self._pages.render(request)

    def _finished(self, _: object) -> None:
        self._at_once -= 1


class _Metrics(Resource):
    isLeaf = True

    def __init__(self, metrics: Callable[[], bytes]) -> None:
        Resource.__init__(self)
        self._metrics = metrics

    def render_GET(self, request: Request) -> bytes:
        """The page for Prometheus."""
        request.setHeader(b"content-type", CONTENT_TYPE_LATEST.encode())
        return self._metrics()


class _Health(Resource):
    isLeaf = True

    def __init__(self, health: Callable[[], list[str]]) -> None:
        Resource.__init__(self)
        self._health = health

    def render_GET(self, request: Request) -> bytes:
        """200, or 503 with the reasons."""
        reasons = self._health()
        request.setResponseCode(503 if reasons else 200)
        request.setHeader(b"content-type", b"application/json")
        request.setHeader(b"cache-control", b"no-store")
        return msgspec.json.encode({"ok": not reasons, "reasons": reasons}) + b"\n"


def split(address: str) -> tuple[str, int]:
    """``host:port`` or ``[v6]:port`` as host and port; ValueError when it is neither.

    Only numeric hosts and "localhost": looking a name up could block the start.
    """
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"hub.http: {address!r} is no host:port")
    if host == "localhost":
        host = "127.0.0.1"
    try:
        ipaddress.ip_address(host)
    except ValueError as fault:
        raise ValueError(f"hub.http: {host!r} is no IP address") from fault
    return host, int(port)


def _plain(request: Request, code: int, text: bytes) -> bytes:
    request.setResponseCode(code)
    request.setHeader(b"content-type", _PLAIN)
    return text
