"""A channel to an MQTT broker, QoS 1: a message is published when its PUBACK has come.

paho's network thread runs beside the event loop; what it calls is handed over. Version 5 by
default, because only there a broker can refuse a message (not authorised, quota): 3.1.1 brokers
drop it in silence. Tests: tests/hub/forward/publish/test_mqtt.py, test_mqtt_tls.py.
"""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from hj212d.hub.forward.publish import target
from hj212d.hub.forward.publish.address import Address
from hj212d.hub.forward.publish.channel import Channel, Ear, Message, in_thread
from hj212d.hub.forward.publish.reasons import reason
from hj212d.hub.forward.settings import ForwardSettings

KEEPALIVE_S = 30
IN_FLIGHT_3 = 20  # before version 5 a broker does not say how many it takes; this is usual
_HEADER_BYTES = 16  # of a message beside topic and body, at the most
_QUOTA_EXCEEDED = 0x97


def channels(settings: ForwardSettings, reactor: Any) -> Callable[[Ear], Channel]:
    """Makes channels to ``mqtt[s]://[user:password@]host[:port][?version=3.1.1&client=ID]``;
    ValueError."""
    where = target.place(settings)
    topic = target.topic(settings)
    return lambda ear: _MqttChannel(settings, where, topic, ear, reactor)


def _client(settings: ForwardSettings, where: Address) -> Any:
    """A client of paho; OSError for certificates that cannot be used."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

    made = Client(
        CallbackAPIVersion.VERSION2,
        # No session is kept at the broker; two of one name would throw each other out.
        client_id=where.options.get("client", f"hj212d-{settings.name}-{secrets.token_hex(4)}"),
        protocol=MQTTProtocolVersion(target.MQTT_VERSIONS[where.options.get("version", "5")]),
        reconnect_on_failure=False,
    )
    made.connect_timeout = settings.timeout_s
    made.max_inflight_messages_set(0)  # the publisher keeps to what the broker says
    if where.user:
        made.username_pw_set(where.user, where.password)
    if target.encrypted(settings):
        made.tls_set_context(_tls(settings))
    return made


def _tls(settings: ForwardSettings) -> ssl.SSLContext:
    """Whom we trust, and what we show."""
    for path in (settings.ca_file, settings.cert_file, settings.key_file):
        if path:
            Path(path).read_bytes()  # its error tells the name, that of ssl does not
    context = ssl.create_default_context(cafile=settings.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.cert_file:
        context.load_cert_chain(settings.cert_file, settings.key_file or None)
    context.sslsocket_class = _Socket
    return context


class _Socket(ssl.SSLSocket):
    """Closed when the handshake fails, which paho leaves to chance."""

    def do_handshake(self, block: bool = False) -> None:
        """As that of the class above."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


class _MqttChannel:
    """One connection to a broker."""

    def __init__(
        self, settings: ForwardSettings, where: Address, topic: Any, ear: Ear, reactor: Any
    ) -> None:
        self._settings = settings
        self._where = where
        self._topic = topic
        self._ear = ear
        self._reactor = reactor
        self._client: Any = None
        self._numbers: dict[int, int] = {}  # packet identifier -> number
        self._largest = 0  # bytes that the broker takes; 0: it does not say
        self._opening: Deferred[None] | None = None

    def open(self) -> None:
        """Connect, in a thread: names are looked up and hands are shaken there, too."""
        self._opening = in_thread(self._reactor, "mqtt connects", self._connect)
        self._opening.addErrback(self._failed)

    def publish(self, message: Message) -> None:
        """Hand a message to paho, whose thread sends it."""
        topic = self._topic.filled(message.mn, message.cn, message.st)
        size = len(message.body) + len(topic) + _HEADER_BYTES
        if self._largest and size > self._largest:
            why = f"its {size} bytes are more than the {self._largest} that the broker takes"
            self._reactor.callLater(0, self._ear.refused, message.number, why)
            return
        info = self._client.publish(topic, message.body, qos=1)
        self._numbers[info.mid] = message.number

    def close(self) -> Deferred[None]:
        """Say goodbye and wait for paho's thread, in a thread."""

        def leave() -> None:
            client = self._client
            if client is not None:
                client.on_connect = client.on_disconnect = client.on_publish = None
                client.disconnect()
                client.loop_stop()

        assert self._opening is not None, "closed before it was opened"
        return self._opening.addBoth(lambda _: in_thread(self._reactor, "mqtt disconnects", leave))

    def _connect(self) -> None:
        """In a thread."""
        call = self._reactor.callFromThread

        def on_connect(_c: Any, _u: Any, _f: Any, answer: Any, limits: Any) -> None:
            call(self._connected, str(answer) if answer.is_failure else "", limits)

        def on_disconnect(_c: Any, _u: Any, _f: Any, answer: Any, _p: Any) -> None:
            call(self._ear.down, f"the connection to the broker is lost: {answer}")

        def on_publish(_c: Any, _u: Any, mid: int, answer: Any, _p: Any) -> None:
            call(self._confirmed, mid, answer if answer.is_failure else None)

        client = self._client = _client(self._settings, self._where)
        client.on_connect = on_connect
        client.on_disconnect = on_disconnect
        client.on_publish = on_publish
        client.connect(*self._where.hosts[0], KEEPALIVE_S)
        client.loop_start()

    def _connected(self, refused: str, limits: Any) -> None:
        if refused:
            self._ear.down(f"the broker refuses us: {refused}")
        elif limits is None:
            self._ear.up(IN_FLIGHT_3)
        else:
            self._largest = getattr(limits, "MaximumPacketSize", 0)
            self._ear.up(getattr(limits, "ReceiveMaximum", 0))

    def _failed(self, failure: Failure) -> None:
        self._ear.down(f"cannot connect: {reason(failure)}")

    def _confirmed(self, mid: int, refusal: Any) -> None:
        number = self._numbers.pop(mid, None)
        if number is None:
            return
        if refusal is None:
            self._ear.published(number)
        elif refusal.value == _QUOTA_EXCEEDED:
            self._ear.down(f"the broker cannot now: {refusal}")
        else:
            self._ear.refused(number, f"the broker refuses the message: {refusal}")
