"""A real daemon publishes the air of what stations send: once, through a kill, corrected."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from waiting import wait_until

from hj212d.hub.client import ControlClient, ControlError
from hj212d.hub.times import BEIJING
from hj212d.wire.build import frame

PROGRAM = (sys.executable, "-c", "from hj212d.cli.main import main; main()")
CONFIG = """
[hub]
api_tokens = ["test:abcdefghijkl"]
[means]
every_s = 1
late_every_s = 1
first_days = 3
[completeness]
fill = false
[bulletins]
day_at = "00:00"
ranking_at = "00:00"
hour_minute = 0
[[site]]
mn = "HZ1"
region = "330106"
medium = "air"
[[site]]
mn = "NB1"
region = "330205"
medium = "air"
"""
PLACES = ("HZ1", "NB1", "region:330100", "region:330200")
AIR = "a34002-Avg={0:.1f},a21026-Avg=9,a21004-Avg=20,a21005-Avg=0.6,a05024-Avg=70"
WITHIN_S = 300.0
HOUR = timedelta(hours=1)


class Daemon:
    """A running daemon, and the commands that ask it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.client = ControlClient(data / "control.sock")
        with data.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(
                [*PROGRAM, "serve", "--data", str(data), "--listen", "127.0.0.1:0",
                 "--http", "127.0.0.1:0", "--workers", "1"],
                stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        found = re.search(r"listen=(\S+):(\d+)", self.process.stdout.readline())
        assert found, data.with_suffix(".log").read_text()
        self.address = found[1], int(found[2])

    def stop(self) -> None:
        """SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=WITHIN_S) == 0
        assert self.process.stdout is not None
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

    def book(self, **asked: Any) -> list[dict[str, Any]]:
        """All versions in the book."""
        found = self.client.call("bulletins", versions=True, limit=10_000, **asked)
        rows: list[dict[str, Any]] = found["bulletins"]
        return rows

    def get(self, path: str) -> dict[str, Any]:
        """What the API answers."""
        headers = {"Authorization": "Bearer abcdefghijkl"}
        http = self.client.call("status")["http"]  # a new hub has a new port
        request = Request(f"http://{http}/api/{path}", headers=headers)
        with urlopen(request, timeout=90) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """One of two stations in two cities."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "hj212d.toml").write_text(CONFIG)
    running = Daemon(data)
    yield running
    if running.process.poll() is None:
        running.stop()


def hour_frame(mn: str, at: datetime, pm25: float) -> bytes:
    """A frame of CN 2061; ``at``: the beginning of the hour, naive UTC."""
    local = at.replace(tzinfo=UTC).astimezone(BEIJING)
    now = datetime.now(BEIJING)
    qn = f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"
    values = f"a34004-Avg={pm25:.1f},a34004-Flag=N;" + AIR.format(pm25 * 2).replace(",", ";")
    return frame(
        f"QN={qn};ST=22;CN=2061;PW=123456;MN={mn};Flag=5;CP=&&DataTime={local:%Y%m%d%H%M%S};"
        f"{values}&&".encode()
    )


def test_published_once_and_corrected(daemon: Daemon) -> None:
    """Yesterday's hours, the day and its ranking; a killed hub; a late value."""
    now = datetime.now(BEIJING)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    yesterday = today.replace(tzinfo=None) - timedelta(days=1)
    for mn, low in (("HZ1", 20.0), ("NB1", 30.0)):
        daemon.send(
            *(hour_frame(mn, yesterday + number * HOUR, low + number) for number in range(24))
        )
    day = f"{yesterday + 8 * HOUR:%Y-%m-%d}"
    span = {"start": day, "end": f"{today.astimezone(BEIJING):%Y-%m-%d}"}
    words = ("--from", span["start"], "--to", span["end"])
    wait_until(
        lambda: daemon.client.call("status")["bulletins"]["rankings_upto"], "a ranking", WITHIN_S
    )
    wait_until(lambda: len(daemon.book(kind="day", **span)) == 4, "four places", WITHIN_S)

    daemon.kill_hub()
    for kind in ("hour", "day", "ranking"):
        daemon.client.call("bulletin_publish", kind=kind, **span)
    hours = daemon.book(kind="hour", **span)
    assert Counter(row["place"] for row in hours) == dict.fromkeys(PLACES, 24)
    assert {row["version"] for row in hours} == {1}
    assert len({(row["place"], row["start"]) for row in hours}) == len(hours)
    (ranking,) = daemon.book(kind="ranking", **span)
    ranked = ranking["content"]["rankings"]["day"]["rows"]
    assert [(row["rank"], row["place"]) for row in ranked] == [
        (1, "region:330100"),
        (2, "region:330200"),
    ]
    (city,) = daemon.book(kind="day", place="region:330100", **span)
    assert (city["content"]["period"], city["content"]["aqi"]) == (day, 60)  # PM10 63

    late = yesterday + 5 * HOUR
    daemon.send(hour_frame("HZ1", late, 99.0))
    at = f"{late + 8 * HOUR:%Y-%m-%dT%H:%M}"
    wait_until(
        lambda: '"value":99.0' in daemon.say("means", "HZ1", "--level", "hour", *words, "--json"),
        "the late value",
        WITHIN_S,
    )
    daemon.say("bulletin", "publish", "hour", *words)
    corrected = [row for row in daemon.book(kind="hour", **span) if row["correction"]]
    assert sorted((row["place"], row["version"]) for row in corrected) == [
        ("HZ1", 2),
        ("region:330100", 2),
    ]
    shown = daemon.get(f"bulletin?kind=hour&place=HZ1&start={at}")
    assert [row["version"] for row in shown["versions"]] == [2, 1]
    assert shown["bulletin"]["content"]["primary"] == ["PM2.5"]
    status = daemon.client.call("status")["bulletins"]
    assert (status["faults_total"], status["error"]) == (0, "")
