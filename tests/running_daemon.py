"""A real ``hj212d serve`` for tests: on free ports with one worker, and whatever is asked of it.

Not bench/daemon.py, which measures what its processes use.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from waiting import wait_until

from hj212d.hub.client import ControlClient, ControlError

PROGRAM = (sys.executable, "-c", "from hj212d.cli.main import main; main()")
WITHIN_S = 300.0  # what a daemon makes of frames by itself may take that long
TOKEN = "abcdefghijkl"
WITH_API = f'[hub]\napi_tokens = ["test:{TOKEN}"]\n'
_AT_ONCE = 50  # frames that are sent before their answers are read
_PORTS = ("--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--workers", "1")


def said(data: Path, *words: str) -> str:
    """What a command prints about a data folder, whether its daemon runs or not."""
    done = subprocess.run(
        [*PROGRAM, *words, "--data", str(data)],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


class Daemon:
    """One that is started and stopped, maybe again and again. ``words``: further ones for
    ``serve``. ``ready``: the fields of its ready line. What it logs goes to DATA/../*.log."""

    process: subprocess.Popen[str]
    ready: dict[str, str]

    def __init__(self, data: Path, *words: str) -> None:
        self.data = data
        self.client = ControlClient(data / "control.sock")
        self._words = words

    def start(self) -> None:
        """Serve, and wait until it does."""
        log = self.data.with_suffix(".log")
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [*PROGRAM, "serve", "--data", str(self.data), *_PORTS, *self._words],
                stdout=subprocess.PIPE, stderr=file, text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            self.close()
            raise AssertionError(log.read_text())
        self.ready = dict(re.findall(r"(\w+)=(\S+)", line))

    def end(self) -> int:
        """SIGTERM; the exit status. What was received is in the store then."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WITHIN_S)

    def stop(self) -> None:
        """The same; it must end well."""
        assert self.end() == 0
        self.close()

    def close(self) -> None:
        """End it if it runs still, and let go of its output."""
        if self.process.poll() is None:
            self.end()
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def address(self) -> tuple[str, int]:
        """Where instruments connect."""
        host, port = self.ready["listen"].rsplit(":", 1)
        return host, int(port)

    @property
    def http(self) -> str:
        """Where browsers do; another hub has another port."""
        found: str = self.client.call("status")["http"]
        return found

    def kill(self, role: str) -> None:
        """kill -9 of the hub or of the worker; the supervisor starts it again."""
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                if f"hj212d.cli.{role}".encode() in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(int(child), signal.SIGKILL)

    def kill_hub(self) -> None:
        """kill -9; returns when the next one answers."""
        before = self.client.call("status")["started_at"]
        self.kill("hub")

        def another() -> bool:
            try:
                return bool(self.client.call("status")["started_at"] > before)
            except ControlError:
                return False

        wait_until(another, "another hub", WITHIN_S)

    def send(self, *frames: bytes, answers: int | None = None) -> bytes:
        """Send frames over a link that is closed then; wait for so many answers, one for each
        frame if it is not said; the answers."""
        received = b""
        with socket.create_connection(self.address, timeout=90) as link:
            for first in range(0, len(frames), _AT_ONCE):
                link.sendall(b"".join(frames[first : first + _AT_ONCE]))
                due = min(first + _AT_ONCE, len(frames)) if answers is None else answers
                while received.count(b"\r\n") < due:
                    received += link.recv(65536)
        return received

    def wait_stored(self, frames: int) -> None:
        """Until the store has so many rows of frames."""
        wait_until(lambda: (self.client.call("status")["store"]["frames"] or 0) >= frames)

    def say(self, *words: str) -> str:
        """What a command prints."""
        return said(self.data, *words)

    def lines(self, *words: str) -> list[dict[str, Any]]:
        """The same as objects, one a line."""
        return [json.loads(line) for line in self.say(*words).splitlines()]

    def api(self, path: str, body: Any = None, method: str | None = None) -> bytes:
        """What the API answers to the token of WITH_API; a body is posted."""
        request = Request(
            f"http://{self.http}/api/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
            method=method,
        )
        with urlopen(request, timeout=90) as answer:
            found: bytes = answer.read()
        return found

    def get(self, path: str, **asked: str) -> dict[str, Any]:
        """The same, asked with these arguments and read."""
        found: dict[str, Any] = json.loads(
            self.api(f"{path}?{urlencode(asked)}" if asked else path)
        )
        return found

    def made(self, kind: str, body: Any) -> tuple[dict[str, Any], bytes]:
        """A job of the API ("maps", "reports", "exports") once it is over, and its file."""
        job = json.loads(self.api(kind, body))

        def now() -> dict[str, Any]:
            return self.get(f"{kind}/{job['id']}")

        wait_until(lambda: now()["state"] in ("done", "failed"), "the job over", WITHIN_S)
        assert now()["state"] == "done", now()["error"]
        return now(), self.api(f"{kind}/{job['id']}/file")


@contextmanager
def serving(data: Path, *words: str) -> Iterator[Daemon]:
    """A daemon on this folder, which is ended with the block."""
    daemon = Daemon(data, *words)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.close()


def configured(data: Path, text: str) -> Path:
    """The folder, made, with this configuration in it."""
    data.mkdir(exist_ok=True)
    (data / "hj212d.toml").write_text(text, encoding="utf-8")
    return data
