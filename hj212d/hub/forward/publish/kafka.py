"""A channel to a Kafka cluster: a message is published when all replicas in sync have it.

librdkafka's producer, idempotent; the key is the MN, so that the messages of one MN stay in
order. Its callbacks run in a thread of ours that polls, and makes and ends the producer, too.
Tests: tests/hub/forward/publish/test_kafka.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from hj212d.hub.forward.publish import target
from hj212d.hub.forward.publish.address import Address, host_port
from hj212d.hub.forward.publish.channel import Channel, Ear, Message, in_thread
from hj212d.hub.forward.settings import ForwardSettings

POLL_S = 0.1
_TRY_S = 0.5  # between two looks at whether we are to end
_RESERVE = 100


def channels(settings: ForwardSettings, reactor: Any) -> Callable[[Ear], Channel]:
    """Makes channels to ``kafka://[user:password@]host:port[,host:port][?sasl=SCRAM-SHA-512]``;
    ValueError."""
    options = _options(settings, target.place(settings))
    topic = target.topic(settings)
    return lambda ear: _KafkaChannel(options, topic, ear, reactor, settings.timeout_s)


def _options(settings: ForwardSettings, where: Address) -> dict[str, Any]:
    """What librdkafka is told."""
    found: dict[str, Any] = {
        "bootstrap.servers": ",".join(host_port(*each) for each in where.hosts),
        "client.id": f"hj212d-{settings.name}",
        "enable.idempotence": True,
        "linger.ms": 5,
        "message.timeout.ms": int(settings.timeout_s * 1000 * (settings.resends + 1)),
        "queue.buffering.max.messages": settings.window + _RESERVE,
        "security.protocol": ("SASL_" if where.user else "")
        + ("SSL" if settings.tls else "PLAINTEXT"),
        "log_level": 0,  # what matters comes to error_cb and the delivery reports
    }
    if where.user:
        found |= {
            "sasl.mechanism": where.options.get("sasl", "PLAIN"),
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
        self, options: dict[str, Any], topic: Any, ear: Ear, reactor: Any, timeout_s: float
    ) -> None:
        self._options = options
        self._topic = topic
        self._ear = ear
        self._reactor = reactor
        self._timeout_s = timeout_s
        self._producer: Any = None
        self._ending = threading.Event()
        self._outcomes: list[tuple[int, Any]] = []  # of the poll that runs
        self._trouble = ""  # what librdkafka said last
        self._running: Deferred[None] | None = None

    def open(self) -> None:
        """Ask the cluster who it is, in the thread that then polls."""
        self._running = in_thread(self._reactor, "kafka", self._run)
        self._running.addErrback(self._failed)

    def publish(self, message: Message) -> None:
        """Hand a message to librdkafka."""
        from confluent_kafka import KafkaException

        number = message.number

        def outcome(error: Any, _: Any) -> None:
            self._outcomes.append((number, error))

        topic = self._topic.filled(message.mn, message.cn, message.st)
        try:
            self._producer.produce(topic, message.body, message.mn, on_delivery=outcome)
        except (KafkaException, BufferError) as fault:
            self._reactor.callLater(0, self._judge, [(number, fault.args[0])])

    def close(self) -> Deferred[None]:
        """Let the thread end; what is still queued is given up."""
        self._ending.set()
        assert self._running is not None, "closed before it was opened"
        return self._running

    def _run(self) -> None:
        """In the thread: connect, then poll until the end."""
        from confluent_kafka import Producer

        producer = Producer(self._options | {"error_cb": self._noted})
        try:
            if not self._greet(producer):
                return
            self._producer = producer
            self._reactor.callFromThread(self._ear.up)
            while not self._ending.is_set():
                producer.poll(POLL_S)
                if self._outcomes:
                    outcomes, self._outcomes = self._outcomes, []
                    self._reactor.callFromThread(self._judge, outcomes)
        finally:
            producer.purge()
            producer.poll(0)
            self._producer = None

    def _greet(self, producer: Any) -> bool:
        """Whether the cluster answers before we are to end."""
        from confluent_kafka import KafkaException

        deadline = time.monotonic() + self._timeout_s
        while not self._ending.is_set():
            try:
                producer.list_topics(timeout=min(_TRY_S, self._timeout_s))
            except KafkaException:
                producer.poll(0)
                if time.monotonic() > deadline:
                    raise
            else:
                return True
        return False

    def _noted(self, error: Any) -> None:
        self._trouble = error.str()

    def _judge(self, outcomes: list[tuple[int, Any]]) -> None:
        from confluent_kafka import KafkaError

        of_the_message = (
            KafkaError.MSG_SIZE_TOO_LARGE,
            KafkaError.INVALID_MSG,
            KafkaError.INVALID_RECORD,
            KafkaError.TOPIC_AUTHORIZATION_FAILED,
            KafkaError.TOPIC_EXCEPTION,
            KafkaError.UNKNOWN_TOPIC_OR_PART,
            KafkaError._UNKNOWN_TOPIC,
        )
        for number, error in outcomes:
            if error is None:
                self._ear.published(number)
            elif isinstance(error, KafkaError) and error.code() in of_the_message:
                self._ear.refused(number, f"Kafka refuses the message: {error.str()}")
            else:
                words = error.str() if isinstance(error, KafkaError) else str(error)
                self._ear.down(f"Kafka cannot take messages: {self._trouble or words}")

    def _failed(self, failure: Failure) -> None:
        from confluent_kafka import KafkaException

        problem = failure.value
        words = failure.getErrorMessage()
        if isinstance(problem, KafkaException):
            words = problem.args[0].str()
        self._ear.down(f"cannot reach Kafka: {self._trouble or words}")
