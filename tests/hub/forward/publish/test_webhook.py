"""The channel to a web server, against a real one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from publishing import NotingHand, bale, frames, settings
from reactor_thread import RunningReactor
from waiting import wait_until

from hj212d.hub.forward.publish.open import open_publisher
from hj212d.hub.forward.publish.publisher import Publisher
from hj212d.wire.frame import Device


class WebServer:
    """Keeps what is posted; ``judge`` says with which status."""

    def __init__(self) -> None:
        self.posts: list[list[dict[str, Any]]] = []
        self.accepted: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.judge: Any = lambda _: 200
        self.endless = 0  # bytes of each chunk of an answer without an end
        self.closing = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.posts.append(posted)
                server.headers.append(dict(self.headers))
                status = server.judge(posted)
                if status is None:
                    self.close_connection = True
                    return
                if 200 <= status < 300:
                    server.accepted += [message["raw"] for message in posted]
                self.send_response(status)
                if server.endless:
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    server.drip(self)
                    return
                if 300 <= status < 400:
                    self.send_header("Location", server.url)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://me:secret@127.0.0.1:{self.http.server_port}/frames?from=test"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer until nobody listens any more."""
        handler.close_connection = True
        chunk = b"x" * self.endless
        with suppress(OSError):
            while not self.closing.wait(0.02):
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    def __enter__(self) -> WebServer:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server."""
    with WebServer() as server:
        yield server


@pytest.fixture
def started(web: WebServer, reactor: RunningReactor) -> Iterator[tuple[Publisher, NotingHand]]:
    """A publisher to it, and its hand."""
    hand = NotingHand()
    publisher = open_publisher(settings("http", web.url), reactor.reactor, lambda _: Device())
    reactor.do(publisher.start, hand)
    wait_until(lambda: hand.ups)
    yield publisher, hand
    reactor.do(publisher.stop)


def test_frames_are_posted_in_order_many_at_once(
    web: WebServer, started: tuple[Publisher, NotingHand], reactor: RunningReactor
) -> None:
    """A request holds up to 200; user and password go into a header and nowhere else."""
    publisher, hand = started
    raws = frames(450)
    reactor.do(publisher.give, bale(raws))
    wait_until(lambda: len(hand.done_frames) == 450)
    assert len(web.posts) <= 5
    assert max(len(post) for post in web.posts) == 200
    assert web.accepted == [raw.decode() for raw in raws]
    assert web.headers[0]["Authorization"] == "Basic bWU6c2VjcmV0"
    assert hand.whys == []


def test_the_one_message_that_is_refused_is_found(
    web: WebServer, started: tuple[Publisher, NotingHand], reactor: RunningReactor
) -> None:
    """Its request is posted again in halves; the others arrive once."""
    publisher, hand = started
    raws = frames(6)
    web.judge = lambda posted: 422 if raws[3].decode() in [m["raw"] for m in posted] else 204
    given = bale(raws)
    reactor.do(publisher.give, given)
    wait_until(lambda: len(hand.done_frames) == 5 and hand.refusals)
    assert hand.refusals == [(given, 3, "the server answers with 422 Unprocessable Entity")]
    assert web.accepted == [raw.decode() for raw in raws if raw != raws[3]]


def test_a_server_that_takes_fewer_at_once_gets_fewer(
    web: WebServer, started: tuple[Publisher, NotingHand], reactor: RunningReactor
) -> None:
    """None of them is refused for that, and they arrive in order."""
    publisher, hand = started
    raws = frames(450)
    web.judge = lambda posted: 413 if len(posted) > 30 else 200
    reactor.do(publisher.give, bale(raws))
    wait_until(lambda: len(hand.done_frames) == 450)
    assert web.accepted == [raw.decode() for raw in raws]
    assert hand.refusals == []


@pytest.mark.parametrize("status", [301, 307, 401, 403, 404])
def test_a_status_about_us_blames_no_message(
    status: int,
    web: WebServer,
    started: tuple[Publisher, NotingHand],
    reactor: RunningReactor,
) -> None:
    """A wrong token or address must not make dead letters of everything; the state says it."""
    publisher, hand = started
    web.judge = lambda _: status
    reactor.do(publisher.give, bale(frames(3)))
    wait_until(lambda: len(hand.whys) > 1)
    assert hand.whys[0].startswith(f"the server answers with {status} ")
    assert ("redirects are not followed" in hand.whys[0]) == (status < 400)
    assert "secret" not in hand.whys[0]
    assert hand.refusals == []
    web.judge = lambda _: 200
    wait_until(lambda: len(hand.done_frames) == 3)


@pytest.mark.parametrize("chunk_bytes", [1, 32_768])
def test_an_answer_without_an_end_is_not_waited_for(
    chunk_bytes: int,
    web: WebServer,
    started: tuple[Publisher, NotingHand],
    reactor: RunningReactor,
) -> None:
    """Its status was said: after 64 KiB or the time-out it holds."""
    publisher, hand = started
    web.endless = chunk_bytes
    reactor.do(publisher.give, bale(frames(1)))
    wait_until(lambda: hand.done_frames)
    web.endless = 0
    reactor.do(publisher.give, bale(frames(3)))
    wait_until(lambda: len(hand.done_frames) == 4)
    assert hand.whys == []
    assert len(web.accepted) == 4


def test_a_token_is_shown_to_the_server(web: WebServer, reactor: RunningReactor) -> None:
    """As a header, and to nobody else."""
    hand = NotingHand()
    target = settings("http", web.url.replace("me:secret@", ""), token="t0ken")
    publisher = open_publisher(target, reactor.reactor, lambda _: Device())
    reactor.do(publisher.start, hand)
    wait_until(lambda: hand.ups)
    reactor.do(publisher.give, bale(frames(1)))
    wait_until(lambda: hand.done_frames)
    reactor.do(publisher.stop)
    assert web.headers[0]["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize("status", [503, 429, None])
def test_a_server_that_cannot_now_is_asked_again(
    status: int | None,
    web: WebServer,
    started: tuple[Publisher, NotingHand],
    reactor: RunningReactor,
) -> None:
    """A status that says so, or a connection closed without an answer: down, and up again."""
    publisher, hand = started
    web.judge = lambda _: status
    given = bale(frames(3))
    reactor.do(publisher.give, given)
    wait_until(lambda: hand.whys)
    assert hand.refusals == []
    web.judge = lambda _: 200
    wait_until(lambda: len(hand.done_frames) == 3)
    assert hand.ups >= 2


def test_a_server_that_never_answers_is_left_after_the_timeout(
    web: WebServer, started: tuple[Publisher, NotingHand], reactor: RunningReactor
) -> None:
    """The reason says how long it was waited for."""
    publisher, hand = started
    answering = threading.Event()
    web.judge = lambda _: None if answering.wait(20) else 500
    reactor.do(publisher.give, bale(frames(1)))
    wait_until(lambda: hand.whys)
    answering.set()
    assert hand.whys[0] == "the request failed: no answer within 2 s"
