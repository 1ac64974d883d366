"""Publishing by a real daemon: what subscribers and a web server get, also when the hub dies."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path
from typing import Any

from mosquitto import broker, free_port, needed, subscriber
from waiting import wait_until
from web_server import WebServer

from bench.daemon import Daemon
from bench.oracle import Ledger
from hj212d.hub.client import ControlError

pytestmark = needed

MNS = ("F00000000000000000000001", "F00000000000000000000002")
FRAMES = 600
CONFIG = """\
[[forward]]
name = "bus"
kind = "mqtt"
url = "mqtt://127.0.0.1:{mqtt}"
start = "oldest"
window_frames = 50
timeout_s = 2
backoff_first_s = 0.1
backoff_last_s = 0.3

[[forward]]
name = "cloud"
kind = "http"
url = "http://127.0.0.1:{web}/hook/5ecret"
token = "t0ken-t0ken"
start = "oldest"
backoff_first_s = 0.1
backoff_last_s = 0.3
"""


def send(daemon: Daemon, frames: list[bytes]) -> None:
    """Frames over one link, until all are acknowledged."""
    assert daemon.ready is not None
    with socket.create_connection((daemon.ready.host, daemon.ready.port), 10) as link:
        link.sendall(b"".join(raw + b"\r\n" for raw in frames))
        answers = b""
        while answers.count(b"CN=9014") < len(frames):
            answers += link.recv(65536)


def check(arrived: list[dict[str, Any]], sent: list[bytes]) -> int:
    """All are there, in order of each MN as they first came, and a double is the same to the
    letter; how many doubles there were."""
    first: dict[str, dict[str, Any]] = {}
    for message in arrived:
        assert first.setdefault(message["id"], message) == message
    for mn in MNS:
        expected = [raw.decode() for raw in sent if f"MN={mn};".encode() in raw]
        assert [one["raw"] for one in first.values() if one["mn"] == mn] == expected
    assert len(first) == len(sent)
    return len(arrived) - len(first)


def test_every_frame_is_published_though_the_hub_is_killed(tmp_path: Path) -> None:
    """It dies while the broker is silent and the web server busy; all arrives, and a consumer can
    tell what came twice."""
    ledger = Ledger()
    sent = [ledger.issue(MNS[number % 2]).raw for number in range(FRAMES)]
    port = free_port()
    with (
        WebServer() as web,
        broker(tmp_path, port) as mosquitto,
        subscriber(port) as heard,
    ):
        config = tmp_path / "hub.toml"
        config.write_text(CONFIG.format(mqtt=port, web=web.http.server_port))
        daemon = Daemon(tmp_path / "data", config=config, workers=1)

        def rows() -> dict[str, dict[str, Any]]:
            found = daemon.control.call("forwards")["forwards"]
            return {row["name"]: row for row in found}

        web.judge = lambda _: 503 if len(web.accepted) > FRAMES // 4 else 200
        try:
            daemon.start()
            send(daemon, sent[: FRAMES // 2])
            wait_until(lambda: rows()["bus"]["acknowledged"] > 100)
            mosquitto.send_signal(signal.SIGSTOP)
            send(daemon, sent[FRAMES // 2 :])
            wait_until(lambda: rows()["bus"]["unacknowledged"] > 0)
            wait_until(lambda: rows()["cloud"]["state"] == "down")
            row = rows()["cloud"]
            assert row["error"] == "the server answers with 503 Service Unavailable"
            assert "5ecret" not in json.dumps(row)
            (hub,) = (one for one in daemon.processes() if one.role == "hub")
            daemon.kill(hub)
            mosquitto.send_signal(signal.SIGCONT)
            web.judge = lambda _: 200

            def all_are_done() -> bool:
                try:
                    found = rows()
                except ControlError:
                    return False
                return len(found) == 2 and not any(
                    row["lag_bytes"] or row["unacknowledged"] or row["state"] != "up"
                    for row in found.values()
                )

            wait_until(all_are_done)
            wait_until(lambda: len({json.loads(body)["id"] for _, body in heard}) == FRAMES)
            assert daemon.terminate() == 0
        finally:
            daemon.end()
        doubles = check([json.loads(body) for _, body in heard], sent)
        assert doubles <= 50
        check([message for post in web.taken for message in post], sent)
        assert {headers["Authorization"] for headers in web.headers} == {"Bearer t0ken-t0ken"}
