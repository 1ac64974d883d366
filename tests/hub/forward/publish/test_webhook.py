"""The channel to a web server, against a real one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from publishing import NotingHand, bale, frames, settings
from reactor_thread import RunningReactor
from waiting import wait_until
from web_server import WebServer

from hj212d.hub.forward.publish.open import open_publisher
from hj212d.hub.forward.publish.publisher import Publisher
from hj212d.wire.frame import Device


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
    web.judge = lambda _: None if answering.wait(90) else 500
    reactor.do(publisher.give, bale(frames(1)))
    wait_until(lambda: hand.whys)
    answering.set()
    assert hand.whys[0] == "the request failed: no answer within 2 s"
