"""The channel to Kafka, against the brokers that librdkafka brings along for tests.

They speak Kafka's protocol over real sockets; they are no Kafka.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import msgspec
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from publishing import NotingHand, bale, frames, settings
from reactor_thread import RunningReactor
from twisted.internet.defer import Deferred
from waiting import wait_until

from hj212d.hub.forward.publish.channel import Message
from hj212d.hub.forward.publish.kafka import channels
from hj212d.hub.forward.publish.open import open_publisher
from hj212d.wire.frame import Device


@pytest.fixture
def cluster() -> Iterator[str]:
    """Addresses of three brokers, which live as long as their owner."""
    owner = Producer({"test.mock.num.brokers": 3, "log_level": 0})
    brokers = owner.list_topics(timeout=90).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    owner.flush(0)


def read(cluster: str, topic: str, count: int) -> list[tuple[bytes, bytes]]:
    """Key and value of so many messages of a topic, partition by partition."""
    consumer = Consumer({"bootstrap.servers": cluster, "group.id": "test", "log_level": 0})
    try:
        partitions = consumer.list_topics(topic, timeout=90).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        found: list[tuple[bytes, bytes]] = []

        def enough() -> bool:
            message = consumer.poll(0.1)
            if message is not None and message.error() is None:
                found.append((message.key(), message.value()))
            return len(found) >= count

        wait_until(enough, f"{count} messages in {topic}")
        return found
    finally:
        consumer.close()


def test_frames_of_one_mn_arrive_in_order(cluster: str, reactor: RunningReactor) -> None:
    """All arrive once, keyed by MN, in order within each MN."""
    hand = NotingHand()
    publisher = open_publisher(
        settings("kafka", f"kafka://{cluster}", timeout_s=90.0),
        reactor.reactor,
        lambda _: Device(),
    )
    reactor.do(publisher.start, hand)
    wait_until(lambda: hand.ups)
    raws = {mn: frames(100, mn) for mn in ("M1", "M2")}
    for of_mn in raws.values():
        reactor.do(publisher.give, bale(of_mn))
    wait_until(lambda: len(hand.done_frames) == 200)
    arrived = read(cluster, "hj212", 200)
    for mn, of_mn in raws.items():
        values = [value for key, value in arrived if key == mn.encode()]
        assert [msgspec.json.decode(value)["raw"] for value in values] == [
            raw.decode() for raw in of_mn
        ]
    assert hand.whys == []
    reactor.do(publisher.stop)


class NotingEar:
    """An ear that notes what becomes of messages."""

    def __init__(self) -> None:
        self.ups = 0
        self.arrived: list[int] = []
        self.refusals: list[tuple[int, str]] = []
        self.whys: list[str] = []

    def up(self, most: int = 0) -> None:
        assert most == 0
        self.ups += 1

    def down(self, why: str) -> None:
        self.whys.append(why)

    def published(self, number: int) -> None:
        self.arrived.append(number)

    def refused(self, number: int, why: str) -> None:
        self.refusals.append((number, why))


def test_a_message_that_is_too_large_is_refused(cluster: str, reactor: RunningReactor) -> None:
    """Kafka takes a megabyte; the message before and behind a larger one arrive."""
    ear = NotingEar()
    channel = channels(settings("kafka", f"kafka://{cluster}"), reactor.reactor)(ear)
    reactor.do(channel.open)
    wait_until(lambda: ear.ups)
    for number, size in enumerate((10, 2_000_000, 10)):
        reactor.do(channel.publish, Message(number, "M1", "2011", "22", b"x" * size))
    wait_until(lambda: len(ear.arrived) == 2)
    reactor.do(channel.close)
    assert ear.arrived == [0, 2]
    assert [number for number, _ in ear.refusals] == [1]
    assert "too large" in ear.refusals[0][1]
    assert ear.whys == []


def test_a_small_window_and_much_to_send(cluster: str, reactor: RunningReactor) -> None:
    """What does not fit waits; nothing is given up, nothing twice."""
    hand = NotingHand()
    publisher = open_publisher(
        settings("kafka", f"kafka://{cluster}", timeout_s=90.0, window_frames=1, topic="small"),
        reactor.reactor,
        lambda _: Device(),
    )
    reactor.do(publisher.start, hand)
    wait_until(lambda: hand.ups)
    raws = frames(120)
    reactor.do(publisher.give, bale(raws))
    wait_until(lambda: len(hand.done_frames) == 120)
    arrived = read(cluster, "small", 120)
    assert [msgspec.json.decode(value)["raw"] for _, value in arrived] == [
        raw.decode() for raw in raws
    ]
    assert hand.whys == []
    reactor.do(publisher.stop)


def test_closing_gives_up_what_is_queued(cluster: str, reactor: RunningReactor) -> None:
    """No callback of a purged message reaches the ear, and no thread is left."""
    ear = NotingEar()
    channel = channels(settings("kafka", f"kafka://{cluster}"), reactor.reactor)(ear)
    reactor.do(channel.open)
    wait_until(lambda: ear.ups)

    def publish_and_close() -> Deferred[None]:
        for number in range(100):
            channel.publish(Message(number, "M1", "2011", "22", b"x"))
        return channel.close()

    before = threading.active_count()
    reactor.do(publish_and_close)
    wait_until(lambda: threading.active_count() < before)
    assert ear.whys == []
    assert ear.refusals == []


def test_leaving_while_it_connects(reactor: RunningReactor) -> None:
    """The end does not wait for the time-out of the attempt."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        publisher = open_publisher(
            settings("kafka", f"kafka://127.0.0.1:{port}", timeout_s=600.0),
            reactor.reactor,
            lambda _: Device(),
        )
        reactor.do(publisher.start, NotingHand())
        silent.accept()[0].close()
        reactor.do(publisher.stop)


def test_nobody_listens_at_the_address(reactor: RunningReactor) -> None:
    """Down with a sentence, and tried again."""
    hand = NotingHand()
    publisher = open_publisher(
        settings("kafka", "kafka://127.0.0.1:9", timeout_s=0.5),
        reactor.reactor,
        lambda _: Device(),
    )
    reactor.do(publisher.start, hand)
    wait_until(lambda: len(hand.whys) >= 2)
    reactor.do(publisher.stop)
    assert hand.whys[0].startswith("cannot reach Kafka: ")
