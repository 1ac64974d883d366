"""`make run`, for real: 85 stations report, and the commands that it names work on them."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from waiting import wait_until

REPORT_WITHIN_S = 180.0


class Demo:
    """A running demo and what it said."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.data = folder / "data"
        self._errors = open(folder / "errors", "w+b")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench", "demo", "--data", str(self.data),
             "--interval", "2", *options],
            stdout=subprocess.PIPE, stderr=self._errors, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if line.startswith("Ctrl-C"):
                break

    @property
    def errors(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode()

    def run(self, command: str) -> str:
        """Output of one of the commands that it named."""
        done = subprocess.run(
            command.split(), capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def end(self) -> int:
        """SIGTERM; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(90)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()
        return status


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    found = Demo(
        *(tmp_path, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--history-days", "2")
    )
    yield found
    if found.process.poll() is None:
        found.end()


def test_85_stations_report_and_can_be_asked(demo: Demo) -> None:
    """Within a minute all are online; status, query, frames, tail and the page show them."""
    named = re.findall(r"^  (\S+ (\w+) .*)$", demo.said, re.MULTILINE)
    commands = {name: line for line, name in named if "--errors" not in line}
    assert set(commands) == {
        *("status", "query", "frames", "tail", "send", "keys", "site", "gaps", "completeness"),
        *("airquality", "rank", "assess", "bulletin", "map", "report", "incident", "messages"),
    }

    def online() -> int:
        return int(json.loads(demo.run(commands["status"] + " --json"))["stations"]["online"])

    wait_until(lambda: online() == 85, "85 stations online", REPORT_WITHIN_S)

    mn = re.search(r"--mn (\S+)", commands["query"])
    assert mn
    wait_until(lambda: mn[1] in demo.run(commands["query"]), "a reading in the store")
    rows = [json.loads(line) for line in demo.run(commands["query"] + " --format json").split()]
    assert rows
    assert all(row["factor"] == "a34004" and row["rtd"] > 0 for row in rows)
    raw = demo.run(commands["frames"] + " --format raw")
    assert f"MN={mn[1]};" in raw

    assert "SystemTime" in demo.run(commands["send"])
    assert len(json.loads(demo.run(commands["keys"] + " --json"))["keys"]) == 85
    assert [demo.run(commands[name]) for name in ("gaps", "completeness")]
    air = [json.loads(line) for line in demo.run(commands["site"] + " --json").splitlines()]
    assert len(air) == 30
    assert all(site["region"].startswith("341599") and site["longitude"] for site in air)

    with subprocess.Popen(commands["tail"].split(), stdout=subprocess.PIPE, text=True) as tail:
        assert tail.stdout is not None
        assert tail.stdout.readline().strip()
        tail.terminate()

    def judged() -> int:
        rows = demo.run(commands["airquality"] + " --json").splitlines()
        return sum(json.loads(row)["aqi"] is not None for row in rows)

    wait_until(lambda: judged() > 0, "yesterday's AQI of a region", REPORT_WITHIN_S)

    page = re.search(r"^(http://\S+)$", demo.said, re.MULTILINE)
    assert page
    with urlopen(page[1], timeout=90) as answer:
        assert "云溪" in answer.read().decode()

    status = json.loads(demo.run(commands["status"] + " --json"))
    assert status["stations"]["unregistered"] == 0
    assert set(status["rejected"]) <= {"junk", "truncated"}
    assert demo.end() == 0


def test_a_taken_port_is_told_and_another_is_used(tmp_path: Path) -> None:
    """One clear line, and the demo runs all the same."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        demo = Demo(tmp_path, "--listen", address, "--http", "127.0.0.1:0", "--stations", "3")
        said, errors = demo.said, demo.errors
        assert demo.end() == 0
    assert f"{address} is taken" in errors
    assert "3 instruments report to 127.0.0.1:" in said
    assert f"report to {address};" not in said


def test_the_configuration_is_written_once(tmp_path: Path) -> None:
    """What the user changed stays."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "hj212d.toml").write_text("[hub]\noffline_after_s = 77\n")
    options = ("--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--stations", "2")
    demo = Demo(tmp_path, *options)
    assert demo.end() == 0
    assert (data / "hj212d.toml").read_text() == "[hub]\noffline_after_s = 77\n"


def test_a_second_demo_on_the_same_data_says_so(tmp_path: Path) -> None:
    """It ends with one line instead of waiting for the first."""
    options = ("--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--stations", "2")
    first = Demo(tmp_path, *options)
    second = subprocess.run(
        [sys.executable, "-m", "bench", "demo", "--data", str(first.data), *options],
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert first.end() == 0
    assert second.returncode == 1
    assert "runs on" in second.stderr
