"""The channel to an MQTT broker, against mosquitto."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hub_rig import upload
from mosquitto import broker, free_port, needed, subscriber
from publishing import NotingHand, bale, frames, settings
from reactor_thread import RunningReactor
from waiting import wait_until

from hj212d.hub.forward.publish.open import open_publisher
from hj212d.wire.frame import Device

pytestmark = needed


def test_frames_arrive_in_order_through_a_broker_that_dies(
    tmp_path: Path, reactor: RunningReactor
) -> None:
    """Before its death and after its return frames are confirmed; between, the target is down."""
    port = free_port()
    hand = NotingHand()
    publisher = open_publisher(
        settings("mqtt", f"mqtt://127.0.0.1:{port}", window_frames=500),
        reactor.reactor,
        lambda _: Device(),
    )
    raws = frames(300)
    with broker(tmp_path, port), subscriber(port) as arrived:
        reactor.do(publisher.start, hand)
        wait_until(lambda: hand.ups)
        reactor.do(publisher.give, bale(raws))
        wait_until(lambda: len(hand.done_frames) == 300)
        wait_until(lambda: len(arrived) == 300)
    assert [msgspec.json.decode(body)["raw"] for _, body in arrived] == [
        raw.decode() for raw in raws
    ]
    assert {topic for topic, _ in arrived} == {"hj212/010000A8900016F000169DC0/2011"}
    wait_until(lambda: hand.whys)
    ups = hand.ups
    with broker(tmp_path, port):
        wait_until(lambda: hand.ups > ups)
        reactor.do(publisher.give, bale(frames(5)))
        wait_until(lambda: len(hand.done_frames) == 305)
        reactor.do(publisher.stop)


def test_a_message_that_the_broker_may_not_take_is_refused(
    tmp_path: Path, reactor: RunningReactor
) -> None:
    """A broker that forbids the topic says so in version 5, and the others still arrive."""
    port = free_port()
    rules = tmp_path / "acl"
    rules.write_text("topic readwrite hj212/OPEN/#\n")
    hand = NotingHand()
    publisher = open_publisher(
        settings("mqtt", f"mqtt://127.0.0.1:{port}"), reactor.reactor, lambda _: Device()
    )
    with broker(tmp_path, port, f"acl_file {rules}"):
        reactor.do(publisher.start, hand)
        wait_until(lambda: hand.ups)
        closed, allowed = bale(frames(1, "CLOSED")), bale(frames(1, "OPEN"))
        reactor.do(publisher.give, closed)
        reactor.do(publisher.give, allowed)
        wait_until(lambda: hand.refusals and hand.done_frames)
        reactor.do(publisher.stop)
    assert hand.refusals[0][:2] == (closed, 0)
    assert "Not authorized" in hand.refusals[0][2]
    assert hand.done_frames == [(id(allowed), 0)]


def test_a_message_larger_than_the_broker_takes_is_refused(
    tmp_path: Path, reactor: RunningReactor
) -> None:
    """The broker says how large; it would hang up at each try otherwise."""
    port = free_port()
    hand = NotingHand()
    publisher = open_publisher(
        settings("mqtt", f"mqtt://127.0.0.1:{port}"), reactor.reactor, lambda _: Device()
    )
    large = bale([upload(rtd="1" * 800)])
    with broker(tmp_path, port, "max_packet_size 1000"):
        reactor.do(publisher.start, hand)
        wait_until(lambda: hand.ups)
        reactor.do(publisher.give, large)
        reactor.do(publisher.give, bale(frames(1)))
        wait_until(lambda: hand.refusals and hand.done_frames)
        reactor.do(publisher.stop)
    assert hand.refusals[0][:2] == (large, 0)
    assert "more than the 1000 that the broker takes" in hand.refusals[0][2]
    assert hand.whys == []


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_broker_that_takes_few_at_once(
    version: str, tmp_path: Path, reactor: RunningReactor
) -> None:
    """Version 5 says how many, before it 20 are usual; all arrive, in order."""
    port = free_port()
    hand = NotingHand()
    url = f"mqtt://127.0.0.1:{port}?version={version}&client=hub-7"
    publisher = open_publisher(settings("mqtt", url), reactor.reactor, lambda _: Device())
    raws = frames(100)
    with broker(tmp_path, port, "max_inflight_messages 3"), subscriber(port) as arrived:
        reactor.do(publisher.start, hand)
        wait_until(lambda: hand.ups)
        reactor.do(publisher.give, bale(raws))
        wait_until(lambda: len(hand.done_frames) == 100 and len(arrived) == 100)
        reactor.do(publisher.stop)
    assert [msgspec.json.decode(body)["raw"] for _, body in arrived] == [
        raw.decode() for raw in raws
    ]
    assert hand.whys == []


def test_two_daemons_of_one_target_name(tmp_path: Path, reactor: RunningReactor) -> None:
    """They do not throw each other out."""
    port = free_port()
    hands = [NotingHand(), NotingHand()]
    made = [
        open_publisher(
            settings("mqtt", f"mqtt://127.0.0.1:{port}"), reactor.reactor, lambda _: Device()
        )
        for _ in hands
    ]
    with broker(tmp_path, port):
        for publisher, hand in zip(made, hands, strict=True):
            reactor.do(publisher.start, hand)
            wait_until(lambda hand=hand: hand.ups)
            reactor.do(publisher.give, bale(frames(5)))
            wait_until(lambda hand=hand: len(hand.done_frames) == 5)
        assert [hand.whys for hand in hands] == [[], []]
        for publisher in made:
            reactor.do(publisher.stop)


def test_a_wrong_password_is_told_without_it(tmp_path: Path, reactor: RunningReactor) -> None:
    """In the broker's words."""
    port = free_port()
    hand = NotingHand()
    publisher = open_publisher(
        settings("mqtt", f"mqtt://me:geheim@127.0.0.1:{port}"), reactor.reactor, lambda _: Device()
    )
    nobody = tmp_path / "users"
    nobody.write_text("")
    nobody.chmod(0o600)
    with broker(tmp_path, port, f"password_file {nobody}", allow_anonymous=False):
        reactor.do(publisher.start, hand)
        wait_until(lambda: hand.whys)
        reactor.do(publisher.stop)
    assert hand.whys[0].startswith("the broker refuses us: ")
    assert "geheim" not in hand.whys[0]


def test_nobody_listens(reactor: RunningReactor) -> None:
    """The reason is the system's own, and it is tried again."""
    hand = NotingHand()
    publisher = open_publisher(
        settings("mqtt", f"mqtt://127.0.0.1:{free_port()}"), reactor.reactor, lambda _: Device()
    )
    reactor.do(publisher.start, hand)
    wait_until(lambda: len(hand.whys) >= 2)
    reactor.do(publisher.stop)
    assert "refused" in hand.whys[0]
