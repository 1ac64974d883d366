"""A channel to a Kafka cluster: a message is published when all replicas in sync have it.

librdkafka's producer, idempotent; the key is the MN, so that the messages of one MN stay in
order. Its callbacks run in a thread of ours that polls.
Tests: tests/hub/forward/publish/test_kafka.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure

from hj212d.hub.forward.publish.address import Address, address
from hj212d.hub.forward.publish.channel import Channel, Ear, Message
from hj212d.hub.forward.publish.topic import Topic
from hj212d.hub.forward.settings import ForwardSettings

USUAL_TOPIC = "hj212"
POLL_S = 0.1
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


def channels(settings: ForwardSettings, reactor: Any) -> Callable[[Ear], Channel]:
    """Makes channels to ``kafka://[user:password@]host:port[,host:port][?sasl=SCRAM-SHA-512]``;
    ValueError."""
    where = address(settings.url, {"kafka": 9092}, ("sasl",), many=True)
    topic = Topic(settings.topic or USUAL_TOPIC)
    options = _options(settings, where)
    return lambda ear: _KafkaChannel(options, topic, ear, reactor, settings.timeout_s)


def _options(settings: ForwardSettings, where: Address) -> dict[str, Any]:
    """What librdkafka is told."""
    mechanism = where.options.get("sasl", "PLAIN")
    if mechanism not in _MECHANISMS:
        raise ValueError(f"url: sasl is one of {', '.join(_MECHANISMS)}")
    found: dict[str, Any] = {
        "bootstrap.servers": ",".join(
            f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in where.hosts
        ),
        "client.id": f"hj212d-{settings.name}",
        "enable.idempotence": True,
        "linger.ms": 5,
        "message.timeout.ms": int(settings.timeout_s * 1000 * (settings.resends + 1)),
        "queue.buffering.max.messages": 2 * settings.window_frames,
        "security.protocol": ("SASL_" if where.user else "")
        + ("SSL" if settings.tls else "PLAINTEXT"),
        "log_level": 0,  # what matters comes to error_cb and the delivery reports
    }
    if where.user:
        found |= {
            "sasl.mechanism": mechanism,
            "sasl.username": where.user,
            "sasl.password": where.password,
        }
    files = {
        "ssl.ca.location": settings.ca_file,
        "ssl.certificate.location": settings.cert_file,
        "ssl.key.location": settings.key_file or settings.cert_file,
    }
    return found | {name: path for name, path in files.items() if path and settings.tls}


class _KafkaChannel:
    """One producer."""

    def __init__(
        self, options: dict[str, Any], topic: Topic, ear: Ear, reactor: Any, timeout_s: float
    ) -> None:
        self._options = options
        self._topic = topic
        self._ear = ear
        self._reactor = reactor
        self._timeout_s = timeout_s
        self._producer: Any = None
        self._ending = threading.Event()
        self._outcomes: list[tuple[int, Any]] = []  # of the poll that runs
        self._polling: Deferred[None] | None = None

    def open(self) -> None:
        """Ask the cluster who it is, in the thread that then polls."""
        self._polling = deferToThread(self._run)
        self._polling.addErrback(self._failed)

    def publish(self, message: Message) -> None:
        """Hand a message to librdkafka."""
        from confluent_kafka import KafkaException

        number = message.number

        def outcome(error: Any, _: Any) -> None:
            self._outcomes.append((number, error))

        try:
            self._producer.produce(
                self._topic.of(message), message.body, message.mn, on_delivery=outcome
            )
        except (KafkaException, BufferError) as fault:
            self._judge([(number, fault.args[0])])

    def close(self) -> Deferred[None]:
        """Let the thread end; what is still queued is given up."""
        self._ending.set()
        done: Deferred[None] = Deferred()
        assert self._polling is not None, "closed before it was opened"
        self._polling.addBoth(lambda _: done.callback(None))
        return done

    def _run(self) -> None:
        """In the thread: connect, then poll until the end."""
        from confluent_kafka import Producer

        producer = Producer(self._options)
        producer.list_topics(timeout=self._timeout_s)
        self._producer = producer
        if not self._ending.is_set():
            self._reactor.callFromThread(self._ear.up)
        while not self._ending.is_set():
            producer.poll(POLL_S)
            if self._outcomes:
                outcomes, self._outcomes = self._outcomes, []
                self._reactor.callFromThread(self._judge, outcomes)
        producer.purge()
        producer.poll(0)

    def _judge(self, outcomes: list[tuple[int, Any]]) -> None:
        from confluent_kafka import KafkaError

        of_the_message = (
            KafkaError.MSG_SIZE_TOO_LARGE,
            KafkaError.INVALID_MSG,
            KafkaError.TOPIC_AUTHORIZATION_FAILED,
            KafkaError.INVALID_RECORD,
            KafkaError.TOPIC_EXCEPTION,
        )
        for number, error in outcomes:
            if error is None:
                self._ear.published(number)
            elif isinstance(error, KafkaError) and error.code() in of_the_message:
                self._ear.refused(number, f"Kafka refuses the message: {error.str()}")
            else:
                self._ear.down(f"Kafka cannot take messages: {error}")

    def _failed(self, failure: Failure) -> None:
        if not self._ending.is_set():
            self._ear.down(f"cannot reach Kafka: {failure.getErrorMessage()}")
