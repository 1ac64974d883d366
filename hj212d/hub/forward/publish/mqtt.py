"""A channel to an MQTT broker, QoS 1: a message is published when its PUBACK has come.

paho's network thread runs beside the event loop; what it calls is handed over. Version 5 by
default, because only there a broker can refuse a message (not authorised, quota): 3.1.1 brokers
drop it in silence. Tests: tests/hub/forward/publish/test_mqtt.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure

from hj212d.hub.forward.publish.address import address
from hj212d.hub.forward.publish.channel import Channel, Ear, Message
from hj212d.hub.forward.publish.topic import Topic
from hj212d.hub.forward.settings import ForwardSettings

USUAL_TOPIC = "hj212/{mn}/{cn}"
KEEPALIVE_S = 30
# What brokers usually allow a client; paho takes the broker's own limit from nobody.
IN_FLIGHT = 20
_SCHEMES = {"mqtt": 1883, "mqtts": 8883}
_VERSIONS = {"5": 5, "3.1.1": 4}


def channels(settings: ForwardSettings, reactor: Any) -> Callable[[Ear], Channel]:
    """Makes channels to ``mqtt[s]://[user:password@]host[:port][?version=3.1.1]``; ValueError."""
    where = address(settings.url, _SCHEMES, ("version",))
    version = _VERSIONS.get(where.options.get("version", "5"))
    if version is None:
        raise ValueError("url: version is 5 or 3.1.1")
    topic = Topic(settings.topic or USUAL_TOPIC)
    encrypted = settings.tls or where.scheme == "mqtts"

    def client(ear: Ear) -> Channel:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

        made = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"hj212d-{settings.name}",
            protocol=MQTTProtocolVersion(version),
            reconnect_on_failure=False,
        )
        made.connect_timeout = settings.timeout_s
        made.max_inflight_messages_set(min(settings.window_frames, IN_FLIGHT))
        if where.user:
            made.username_pw_set(where.user, where.password)
        if encrypted:
            made.tls_set(
                settings.ca_file or None, settings.cert_file or None, settings.key_file or None
            )
        return _MqttChannel(made, where.hosts[0], topic, ear, reactor)

    return client


class _MqttChannel:
    """One connection to a broker."""

    def __init__(
        self,
        client: Any,
        host: tuple[str, int],
        topic: Topic,
        ear: Ear,
        reactor: Any,
    ) -> None:
        self._client = client
        self._host = host
        self._topic = topic
        self._ear = ear
        self._numbers: dict[int, int] = {}  # packet identifier -> number
        self._opening: Deferred[None] | None = None

        def on_connect(_c: Any, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
            reactor.callFromThread(self._connected, "" if not reason.is_failure else str(reason))

        def on_disconnect(_c: Any, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
            reactor.callFromThread(self._lost, str(reason))

        def on_publish(_c: Any, _u: Any, mid: int, reason: Any, _p: Any) -> None:
            refused = str(reason) if reason.is_failure else ""
            reactor.callFromThread(self._confirmed, mid, refused)

        client.on_connect = on_connect
        client.on_disconnect = on_disconnect
        client.on_publish = on_publish

    def open(self) -> None:
        """Connect, in a thread: names are looked up there, too."""
        host, port = self._host

        def connect() -> None:
            self._client.connect(host, port, KEEPALIVE_S)
            self._client.loop_start()

        self._opening = deferToThread(connect)
        self._opening.addErrback(self._failed)

    def publish(self, message: Message) -> None:
        """Hand a message to paho, which sends it when the broker's window has room."""
        info = self._client.publish(self._topic.of(message), message.body, qos=1)
        self._numbers[info.mid] = message.number

    def close(self) -> Deferred[None]:
        """Say goodbye and wait for paho's thread, in a thread."""

        def leave() -> None:
            self._client.on_connect = self._client.on_disconnect = None
            self._client.on_publish = None
            self._client.disconnect()
            self._client.loop_stop()

        done: Deferred[None] = Deferred()
        opening = self._opening
        if opening is None:
            deferToThread(leave).chainDeferred(done)
        else:
            opening.addBoth(lambda _: deferToThread(leave).chainDeferred(done))
        return done

    def _connected(self, refused: str) -> None:
        if refused:
            self._ear.down(f"the broker refuses us: {refused}")
        else:
            self._ear.up()

    def _lost(self, reason: str) -> None:
        self._ear.down(f"the connection to the broker is lost: {reason}")

    def _failed(self, failure: Failure) -> None:
        self._ear.down(f"cannot connect: {failure.getErrorMessage()}")

    def _confirmed(self, mid: int, refused: str) -> None:
        number = self._numbers.pop(mid, None)
        if number is None:
            return
        if refused:
            self._ear.refused(number, f"the broker refuses the message: {refused}")
        else:
            self._ear.published(number)
