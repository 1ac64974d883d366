"""Mosquitto as the broker of a test, and one who subscribes there."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from waiting import wait_until

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")
needed = pytest.mark.skipif(
    MOSQUITTO is None, reason="no MQTT broker: on Debian, apt-get install mosquitto"
)


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def broker(
    folder: Path, port: int, *more: str, allow_anonymous: bool = True
) -> Iterator[subprocess.Popen[bytes]]:
    """A broker of our own on a port; ``more``: lines of its configuration."""
    config = folder / "mosquitto.conf"
    usual = f"listener {port} 127.0.0.1", f"allow_anonymous {str(allow_anonymous).lower()}"
    config.write_text("\n".join((*usual, "user root", *more)))
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
    client.on_connect = lambda *_: client.subscribe("hj212/#", qos=1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        wait_until(lambda: subscribed, "subscribed")
        yield arrived
    finally:
        client.disconnect()
        client.loop_stop()
