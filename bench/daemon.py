"""A running ``hj212d serve`` in the hands of a test: start, find its processes, kill, end, ask.

Only processes that it started itself are ever touched. Calls block, each for a bounded time; use
a thread beside a loop.
Test: tests/system/test_crash.py.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from hj212d.hub.client import ControlClient

PROGRAM = Path(sys.executable).with_name("hj212d")
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 60.0
GONE_TIMEOUT_S = 10.0
LOOK_S = 0.02  # between two looks at what cannot be waited for


class DaemonError(Exception):
    """The daemon did not do what a daemon must do; the text tells what, with its last words."""


class Ready(msgspec.Struct, frozen=True):
    """The ``ready`` line: first listening address, page, processes."""

    host: str
    port: int
    http: str
    pid: int
    workers: int
    line: str


class Process(msgspec.Struct, frozen=True):
    """A process of the daemon; role: "supervisor", "hub" or "worker". ``born``: in clock ticks
    since the machine started, so that another process with this number is not taken for it."""

    pid: int
    role: str
    born: int


class Daemon:
    """One daemon on one data folder, started as often as needed.

    Standard error goes to ``log``, a file beside the data folder. ``store``: URL, else DuckDB in
    the data folder. ``environment``: variables on top of ours.
    """

    def __init__(
        self,
        data: Path,
        *,
        config: Path | None = None,
        listen: str = "127.0.0.1:0",
        http: str = "127.0.0.1:0",
        workers: int | None = None,
        store: str = "",
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self.data = data
        self.log = log or data.with_name(data.name + ".log")
        # A file, not a pipe: nobody ever waits for the other end.
        self._said = self.log.with_name(self.log.name + ".ready")
        self._store = store
        self._environment = {**os.environ, **(environment or {})}
        self.ready: Ready | None = None
        self._config = config
        self._listen, self._http, self._workers = listen, http, workers
        self._child: subprocess.Popen[bytes] | None = None
        self._orphans: list[Process] = []  # children of the last supervisor that was killed
        self._starting = threading.Lock()
        self._over = False

    def command(self) -> list[str]:
        """The command line."""
        parts = [str(PROGRAM), "serve", "--data", str(self.data)]
        if self._config is not None:
            parts += ["--config", str(self._config)]
        parts += ["--listen", self._listen, "--http", self._http]
        if self._workers is not None:
            parts += ["--workers", str(self._workers)]
        if self._store:
            parts += ["--store", self._store]
        return parts

    def start(self) -> Ready:
        """Start and wait for ``ready``; the port that was found is kept for the next start."""
        with self._starting:
            if self._over:
                raise DaemonError("it was ended for good")
            assert self._child is None, "it runs already"
            with open(self.log, "ab") as log, open(self._said, "wb") as said:
                child = self._child = subprocess.Popen(
                    self.command(), stdin=subprocess.DEVNULL, stdout=said, stderr=log,
                    env=self._environment, start_new_session=True,
                )  # fmt: skip
        try:
            line = self._ready_line(child)
        except DaemonError:
            self.kill_all()
            raise
        words = dict(word.split("=", 1) for word in line.split()[1:])
        host, _, port = words["listen"].split(",")[0].rpartition(":")
        self.ready = Ready(
            host.strip("[]"), int(port), words["http"], int(words["pid"]),
            int(words["workers"]), line,
        )  # fmt: skip
        self._listen = f"{host}:{port}"
        return self.ready

    def _ready_line(self, child: subprocess.Popen[bytes]) -> str:
        end = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < end:
            status = child.poll()
            for line in self._said.read_text().splitlines(keepends=True):
                if line.startswith("ready ") and line.endswith("\n"):
                    return line.strip()
            if status is not None:
                raise DaemonError(f"serve ended with {status}: {self.last_words()}")
            time.sleep(LOOK_S)
        raise DaemonError(f"no ready line within {START_TIMEOUT_S:.0f} s: {self.last_words()}")

    def last_words(self, size: int = 2000) -> str:
        """The end of what it wrote to standard error."""
        try:
            return self.log.read_bytes()[-size:].decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    @property
    def pid(self) -> int | None:
        """The supervisor, if it lives."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def processes(self) -> list[Process]:
        """Those that live now, the supervisor first."""
        pid = self.pid
        if pid is None:
            return []
        return [
            Process(pid, "supervisor", _born(pid)),
            *(Process(child, _role(child), _born(child)) for child in _children(pid)),
        ]

    def kill(self, process: Process) -> None:
        """SIGKILL; a killed supervisor is reaped, so that :meth:`start` may follow. Its children
        are left to end by themselves."""
        if process.role == "supervisor":
            self._orphans = [each for each in self.processes() if each.pid != process.pid]
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        if self._child is not None and process.pid == self._child.pid:
            self._reap()

    def kill_all(self) -> None:
        """SIGKILL to all at once, as a power cut would."""
        found = self.processes()
        for process in found:
            try:
                os.kill(process.pid, signal.SIGSTOP)
            except ProcessLookupError:
                continue
        # Nobody can start another one now.
        found = self.processes() or found
        found += [each for each in self._orphans if _born(each.pid) == each.born]
        for process in reversed(found):
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._reap()
        _wait_gone(found)

    def end(self) -> None:
        """:meth:`kill_all` for good: a start that another thread is at comes to nothing."""
        with self._starting:
            self._over = True
        self.kill_all()

    def terminate(self) -> int:
        """SIGTERM and its exit status; DaemonError when it does not end."""
        child = self._child
        assert child is not None, "it does not run"
        child.terminate()
        try:
            status = child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise DaemonError(
                f"did not end within {STOP_TIMEOUT_S:.0f} s of SIGTERM: {self.last_words()}"
            ) from None
        self._reap()
        return status

    def _reap(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            try:
                child.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                raise DaemonError(f"process {child.pid} survives its end") from None

    @property
    def control(self) -> ControlClient:
        """Its control socket."""
        return ControlClient(self.data / "control.sock", timeout_s=10)


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(word) for each in tasks for word in (each / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _role(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return "gone"
    return "hub" if b"hub" in words else "worker"


def _wait_gone(processes: list[Process]) -> None:
    """Orphans of a killed supervisor are reaped by init; wait until they are."""
    end = time.monotonic() + GONE_TIMEOUT_S
    while time.monotonic() < end:
        if not any(_holds(each) for each in processes):
            return
        time.sleep(LOOK_S)
    raise DaemonError(f"processes survive SIGKILL: {processes}")


def _holds(process: Process) -> bool:
    """Whether it holds anything still: a zombie does while another thread of it is dying."""
    fields = _stat(process.pid)
    if not fields or int(fields[19]) != process.born:
        return False
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return fields[0] != "Z" or len(os.listdir(f"/proc/{process.pid}/task")) > 1
    return False


def _born(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[19]) if fields else -1


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
