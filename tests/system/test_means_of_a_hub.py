"""A real daemon makes means of what stations send: late data, a hub that is killed; the same rows
from the command line, the API and the store itself."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from waiting import wait_until

from hj212d.hub.client import ControlClient, ControlError
from hj212d.hub.means.rolling import midnight
from hj212d.hub.times import BEIJING
from hj212d.wire.build import frame

PROGRAM = (sys.executable, "-c", "from hj212d.cli.main import main; main()")
CONFIG = """
[hub]
api_tokens = ["test:abcdefghijkl"]
[means]
every_s = 1
late_every_s = 1
first_days = 2
[completeness]
fill = false
"""
WITHIN_S = 300.0
HOUR = timedelta(hours=1)


class Daemon:
    """A running daemon, and the commands that ask it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.client = ControlClient(data / "control.sock")
        self.process: Any = None

    def start(self) -> None:
        """Serve, and wait until it does."""
        log = open(self.data.with_suffix(".log"), "ab")  # noqa: SIM115 - the child's
        self.process = subprocess.Popen(
            [*PROGRAM, "serve", "--data", str(self.data), "--listen", "127.0.0.1:0",
             "--http", "127.0.0.1:0", "--workers", "1"],
            stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        log.close()
        found = re.search(r"listen=(\S+):(\d+) http=(\S+)", self.process.stdout.readline())
        assert found, self.data.with_suffix(".log").read_text()
        self.address, self.http = (found[1], int(found[2])), found[3]

    def stop(self) -> None:
        """SIGTERM; what was received is in the store then."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=WITHIN_S) == 0
        self.process.stdout.close()

    def kill_hub(self) -> None:
        """SIGKILL; returns when the next one answers."""
        before = self.client.call("status")["started_at"]
        (hub,) = (
            int(child)
            for task in Path(f"/proc/{self.process.pid}/task").iterdir()
            for child in (task / "children").read_text().split()
            if b"hub" in Path(f"/proc/{child}/cmdline").read_bytes()
        )
        os.kill(hub, signal.SIGKILL)

        def another() -> bool:
            try:
                return bool(self.client.call("status")["started_at"] > before)
            except ControlError:
                return False

        wait_until(another, "another hub", WITHIN_S)

    def send(self, *frames: bytes) -> None:
        """Send frames and wait for their answers."""
        answers = b""
        with socket.create_connection(self.address, timeout=90) as link:
            link.sendall(b"".join(frames))
            while answers.count(b"\r\n") < len(frames):
                answers += link.recv(65536)

    def say(self, *words: str) -> str:
        """What a command prints."""
        done = subprocess.run(
            [*PROGRAM, *words, "--data", str(self.data)],
            capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def means(self, *words: str) -> list[dict[str, Any]]:
        """Rows of `hj212d means`."""
        return [json.loads(line) for line in self.say("means", *words, "--json").splitlines()]

    def get(self, path: str, **asked: str) -> dict[str, Any]:
        """What the API answers."""
        request = Request(
            f"http://{self.http}/api/{path}?{urlencode(asked)}",
            headers={"Authorization": "Bearer abcdefghijkl"},
        )
        with urlopen(request, timeout=90) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """One that looks for late data every second."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "hj212d.toml").write_text(CONFIG)
    running = Daemon(data)
    running.start()
    yield running
    if running.process.poll() is None:
        running.stop()


def hour_value(mn: str, at: datetime, value: float) -> bytes:
    """A frame of CN 2061; ``at``: the beginning of the hour, naive UTC."""
    local = at.replace(tzinfo=UTC).astimezone(BEIJING)
    now = datetime.now(BEIJING)
    qn = f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"
    return frame(
        f"QN={qn};ST=22;CN=2061;PW=123456;MN={mn};Flag=5;CP=&&DataTime={local:%Y%m%d%H%M%S};"
        f"a34004-Avg={value:.1f},a34004-Flag=N&&".encode()
    )


def test_means_follow_what_stations_send(daemon: Daemon) -> None:
    """Yesterday's hours arrive today; one comes once more with another value, a person takes two
    out, the hub dies in between, and nothing else changes."""
    yesterday = midnight(datetime.now(UTC).replace(tzinfo=None)) - timedelta(days=1)
    for mn, low in (("A", 10.0), ("B", 30.0)):
        daemon.send(
            *(hour_value(mn, yesterday + number * HOUR, low + number) for number in range(24))
        )
    day = ("--level", "day", "--span", f"{yesterday + timedelta(hours=8):%Y-%m-%d}")
    wait_until(lambda: [row["n"] for row in daemon.means(*day)] == [24, 24], "days", WITHIN_S)
    first = {row["mn"]: row for row in daemon.means(*day)}
    assert (first["A"]["value"], first["B"]["value"]) == (21.5, 41.5)

    daemon.kill_hub()
    daemon.send(hour_value("A", yesterday + 5 * HOUR, 39.0))
    wait_until(lambda: daemon.means("A", *day)[0]["value"] == 22.5, "a late value", WITHIN_S)
    rows = {row["mn"]: row for row in daemon.means(*day)}
    assert rows["A"]["revision"] > first["A"]["revision"]
    assert rows["B"] == first["B"]
    hours = daemon.means("A", *day, "--level", "hour")
    assert [row["revision"] for row in hours].count(1) == 23
    assert hours[5]["value"] == 39.0

    daemon.stop()
    alone = {row["mn"]: row for row in daemon.means(*day)}
    assert alone == rows
    daemon.start()

    month = daemon.means("A", "--level", "month", "--from", f"{yesterday.isoformat()}Z")
    assert (month[0]["n"], month[0]["mark"], month[0]["value"]) == (1, "short", 22.5)
    asked = daemon.get(
        "means",
        level="day",
        mn="A",
        **{"from": f"{yesterday.isoformat()}Z", "to": f"{(yesterday + HOUR).isoformat()}Z"},
    )
    assert [row["value"] for row in asked["means"]] == [22.5]
    query = daemon.say("query", "--mn", "A", "--level", "month", "--format", "json")
    assert json.loads(query.splitlines()[-1])["value"] == 22.5
    status = daemon.client.call("status")["means"]
    assert (status["faults_total"], status["on"]) == (0, True)
    said = daemon.say(
        "means", "recompute", "--from", yesterday.isoformat(), "--to", "now", "--json"
    )
    assert json.loads(said)["hours"] > 20
    wait_until(lambda: daemon.client.call("status")["means"]["hours_wanted"] == 0, "all of it")
    assert {row["mn"]: row for row in daemon.means(*day)} == rows
