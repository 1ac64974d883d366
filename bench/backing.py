"""Where a run keeps its rows: the URL of its store, and the process behind it when there is one.

``duckdb`` and ``chdb`` live in the hub; ``clickhouse-front`` is ClickHouse's engine behind HTTP in
a process of its own, which can be killed like any other. Test: tests/system/test_crash.py.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

ENGINES = ("duckdb", "chdb", "clickhouse-front")

_START_S = 60.0
_END_S = 30.0
_LOOK_S = 0.02


class Backing(Protocol):
    """A store for one run. Calls block."""

    url: str
    apart: bool  # a process of its own

    def start(self) -> None:
        """Serve; nothing to do for a store that lives in the hub."""

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""

    def end(self) -> None:
        """Stop serving, in order."""


class InHub:
    """A store that the hub itself holds: nothing to start, kill or end but the hub."""

    apart = False

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        """Nothing."""

    def kill(self) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


class Front:
    """ClickHouse's engine behind HTTP, always on the same port."""

    apart = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._said = folder.with_name(folder.name + ".ready")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"clickhouse://127.0.0.1:{self._port}/hj212d"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it serves; RuntimeError when it does not."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        with open(self._said, "wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.clickhouse_front", self._folder, str(self._port)],
                stdin=subprocess.PIPE, stdout=said, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + _START_S
        while time.monotonic() < end and self._process.poll() is None:
            if self._said.read_text().endswith("\n"):
                return
            time.sleep(_LOOK_S)
        self.kill()
        raise RuntimeError("the ClickHouse engine behind HTTP does not start")

    def kill(self) -> None:
        """SIGKILL."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.kill()
        process.wait(_END_S)
        process.stdin.close()

    def end(self) -> None:
        """Let it close its files; SIGKILL when that takes too long."""
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_END_S)
        self._process = None


def backing(engine: str, folder: Path) -> Backing:
    """The engine of that name, with its files in ``folder`` (made when it is needed)."""
    match engine:
        case "duckdb":
            return InHub(f"duckdb:///{folder / 'hj212d.duckdb'}")
        case "chdb":
            return InHub(f"chdb:///{folder / 'clickhouse'}")
        case "clickhouse-front":
            return Front(folder.with_name(folder.name + "-clickhouse"))
    raise ValueError(f"no such engine: {engine}")
