"""A real daemon on a free port, for tests that need one."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from command_line import PROGRAM
from waiting import wait_until

from hj212d.hub.client import ControlClient


class Daemon:
    """A running ``hj212d serve``. ``ready``: the fields of its ready line."""

    def __init__(self, process: subprocess.Popen[str], data: Path, ready: dict[str, str]) -> None:
        self.process = process
        self.data = data
        self.ready = ready
        self.client = ControlClient(data / "control.sock")

    @property
    def address(self) -> tuple[str, int]:
        """Where instruments connect."""
        host, port = self.ready["listen"].rsplit(":", 1)
        return host, int(port)

    def send(self, content: bytes, answers: int = 0) -> bytes:
        """Send over a link of its own, wait for so many answers, close the link; the answers."""
        received = b""
        with socket.create_connection(self.address, timeout=90) as link:
            link.sendall(content)
            while received.count(b"\r\n") < answers:
                received += link.recv(65536)
        return received

    def wait_stored(self, frames: int) -> None:
        """Until the store has so many rows of frames."""
        wait_until(lambda: (self.client.call("status")["store"]["frames"] or 0) >= frames)

    def end(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)


@contextmanager
def serving(data: Path, *words: str) -> Iterator[Daemon]:
    """A daemon on port 0 with one worker; what it logs goes to DATA/../log."""
    listen = ("--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--workers", "1")
    with (
        open(data.with_suffix(".log"), "ab") as log,
        subprocess.Popen(
            [*PROGRAM, "serve", "--data", str(data), *listen, *words],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("ready "), data.with_suffix(".log").read_text()
            yield Daemon(process, data, dict(re.findall(r"(\w+)=(\S+)", line)))
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(90)
