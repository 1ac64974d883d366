"""The channel to an MQTT broker, against mosquitto."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import paho.mqtt.client as mqtt
import pytest
from publishing import NotingHand, bale, frames, settings
from reactor_thread import RunningReactor
from waiting import wait_until

from hj212d.hub.forward.publish.open import open_publisher
from hj212d.wire.frame import Device

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")
pytestmark = pytest.mark.skipif(
    MOSQUITTO is None, reason="no MQTT broker: on Debian, apt-get install mosquitto"
)


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def broker(folder: Path, port: int, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A broker of our own on a port."""
    config = folder / "mosquitto.conf"
    config.write_text(
        "\n".join((f"listener {port} 127.0.0.1", "allow_anonymous true", "user root", *more))
    )
    assert MOSQUITTO is not None
    process = subprocess.Popen([MOSQUITTO, "-c", str(config)], stderr=subprocess.DEVNULL)

    def answers() -> bool:
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(answers, "mosquitto listens")
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def subscriber(port: int) -> Iterator[list[tuple[str, bytes]]]:
    """What arrives under hj212/ at the broker."""
    arrived: list[tuple[str, bytes]] = []
    subscribed: list[object] = []
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_message = lambda _c, _u, found: arrived.append((found.topic, found.payload))
    client.on_subscribe = lambda *_: subscribed.append(True)
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.subscribe("hj212/#", qos=1)
    wait_until(lambda: subscribed)
    try:
        yield arrived
    finally:
        client.disconnect()
        client.loop_stop()


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
