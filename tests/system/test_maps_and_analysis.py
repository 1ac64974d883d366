"""Frames of a day become maps and roses: by the API of a real daemon, by command, and from the
store that it leaves."""

from __future__ import annotations

import io
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from PIL import Image
from waiting import wait_until

from hj212d.wire.build import frame

PROGRAM = (sys.executable, "-m", "hj212d.cli.main")
BEIJING = timezone(timedelta(hours=8))
CODES = ("a34004", "a34002", "a21026", "a21004", "a21005", "a05024")
PLACES = {"S1": (120.0, 30.0), "S2": (120.3, 30.0), "S3": (120.0, 30.2), "S4": (120.2, 30.3)}
CONFIG = """
[hub]
api_tokens = ["test:abcdefghijkl"]
[means]
every_s = 1
late_every_s = 1
first_days = 5
[completeness]
fill = false
""" + "".join(
    f'[[site]]\nmn = "{mn}"\nregion = "330100"\nmedium = "air"\n'
    f"longitude = {longitude}\nlatitude = {latitude}\n"
    for mn, (longitude, latitude) in PLACES.items()
)
DAY = datetime.now(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
SPAN = {"from": f"{DAY:%Y-%m-%d}", "to": f"{DAY + timedelta(days=1):%Y-%m-%d}"}
EIGHT = f"{DAY:%Y-%m-%d}T08:00"  # the hour from 07:00 to 08:00
WITHIN_S = 300.0


def value(mn: str, hour: int, code: str) -> float:
    """More at later stations and hours; CO is small."""
    found = 20.0 + hour + 15 * list(PLACES).index(mn)
    return round(found / 40, 1) if code == "a21005" else found


def frames(mn: str) -> Iterator[bytes]:
    """24 hours; one station has wind, from the east, calm at night."""
    for hour in range(24):
        at = DAY + timedelta(hours=hour)
        values = [f"{code}-Avg={value(mn, hour, code)},{code}-Flag=N" for code in CODES]
        if mn == "S1":
            speed = 0.2 if hour < 6 else 2.0
            values += [f"a01007-Avg={speed},a01007-Flag=N", "a01008-Avg=90,a01008-Flag=N"]
        yield frame(
            f"QN={at + timedelta(hours=1):%Y%m%d%H%M%S}000;ST=22;CN=2061;PW=123456;MN={mn};"
            f"Flag=5;CP=&&DataTime={at:%Y%m%d%H%M%S};{';'.join(values)}&&".encode()
        )


class Daemon:
    """A running daemon with four stations."""

    def __init__(self, data: Path) -> None:
        with data.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(
                [*PROGRAM, "serve", "--data", str(data),
                 "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--workers", "1"],
                stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        found = re.search(r"listen=(\S+):(\d+) http=(\S+)", self.process.stdout.readline())
        assert found, data.with_suffix(".log").read_text()
        self.address, self.http = (found[1], int(found[2])), found[3]

    def send(self, mn: str) -> None:
        """The day of a station; wait for the answers."""
        with socket.create_connection(self.address, timeout=90) as link:
            link.sendall(b"".join(frames(mn)))
            answers = b""
            while answers.count(b"\r\n") < 24:
                answers += link.recv(65536)

    def api(self, path: str, body: Any = None) -> bytes:
        """What the API answers."""
        request = Request(
            f"http://{self.http}/api/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": "Bearer abcdefghijkl", "Content-Type": "application/json"},
        )
        with urlopen(request, timeout=90) as answer:
            found: bytes = answer.read()
        return found

    def analysed(self, path: str) -> dict[str, Any]:
        """An answer of /api/analysis over the day."""
        span = "&".join(f"{name}={text}" for name, text in SPAN.items())
        found: dict[str, Any] = json.loads(self.api(f"analysis/{path}&{span}"))
        return found

    def mapped(self, **wish: Any) -> tuple[dict[str, Any], bytes]:
        """A map once it is drawn, and its file."""
        job = json.loads(self.api("maps", wish))

        def now() -> dict[str, Any]:
            found: dict[str, Any] = json.loads(self.api(f"maps/{job['id']}"))
            return found

        wait_until(lambda: now()["state"] in ("done", "failed"), "the map drawn", WITHIN_S)
        assert now()["state"] == "done", now()["error"]
        return now(), self.api(f"maps/{job['id']}/file")

    def stop(self) -> None:
        """SIGTERM, and wait."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=WITHIN_S) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the configuration."""
    folder = tmp_path_factory.mktemp("maps") / "data"
    folder.mkdir()
    (folder / "hj212d.toml").write_text(CONFIG, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def daemon(data: Path) -> Iterator[Daemon]:
    """One that has made its means of the day."""
    running = Daemon(data)
    try:
        for mn in PLACES:
            running.send(mn)
        wait_until(
            lambda: all(
                running.analysed(f"calendar?place={mn}")["rows"][0]["aqi"] for mn in PLACES
            ),
            "the day of each station",
            WITHIN_S,
        )
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


def run(data: Path, *words: str) -> Any:
    """JSON on the standard output of a command."""
    done = subprocess.run(
        [*PROGRAM, *words, "--data", str(data)],
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_rose_and_pattern_over_the_api(daemon: Daemon) -> None:
    """The wind as it was sent: six calm hours, all others from the east."""
    rose = daemon.analysed("rose?place=S1")
    assert (rose["n"], rose["calm"], rose["skipped"]) == (24, 6, 0)
    assert [row["sector"] for row in rose["rows"] if row["n"]] == ["E"]
    brought = daemon.analysed("rose?place=region:330100&wind=S1&factor=PM2.5")
    hours = [
        sum(value(mn, hour, "a34004") for mn in PLACES) / len(PLACES) for hour in range(6, 24)
    ]
    assert brought["rows"][4]["mean"] == pytest.approx(sum(hours) / len(hours), abs=1e-3)
    pattern = daemon.analysed("patterns?place=S2&factor=O3")
    assert [row["mean"] for row in pattern["rows"]] == [
        value("S2", hour, "a05024") for hour in range(24)
    ]


def test_maps_over_the_api(daemon: Daemon) -> None:
    """Contours and a moving picture, drawn by a child of the hub; wrong wishes are refused."""
    job, file = daemon.mapped(factor="PM2.5", at=EIGHT, format="geojson", cell_m=2000)
    found = json.loads(file)
    assert job["title"] == f"PM2.5 {DAY:%Y-%m-%d} 08:00"
    stations = {
        one["properties"]["name"]: one["properties"]["value"]
        for one in found["features"]
        if one["properties"]["kind"] == "station"
    }
    assert stations == {mn: value(mn, 7, "a34004") for mn in PLACES}
    span = {"from": f"{DAY:%Y-%m-%d}T06:00", "to": EIGHT}
    _, moving = daemon.mapped(format="gif", cell_m=4000, **span)
    assert Image.open(io.BytesIO(moving)).n_frames == 2
    with pytest.raises(HTTPError) as refused:
        daemon.api("maps", {"format": "gif"})
    assert refused.value.code == 400
    refused.value.close()


def test_same_map_from_daemon_and_store(daemon: Daemon, data: Path) -> None:
    """Numbers of the command while the daemon runs, and when only its store is left."""
    words = ("map", "--level", "day", "--at", SPAN["from"], "--cell-m", "4000")
    asked = (*words, "--format", "json", "--output", "-")
    running = run(data, *asked)
    assert running["what"] == "AQI"
    assert len(running["stations"]) == len(PLACES)
    rose = run(data, "analyse", "rose", "--place", "S1", "--from", SPAN["from"], "--json")
    assert rose["calm"] == 6
    daemon.stop()
    assert run(data, *asked) == running
