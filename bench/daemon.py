"""A running ``hj212d serve`` in the hands of a test: start, find its processes, kill, end, ask.

Only processes that it started itself are ever touched. Calls block; use a thread beside a loop.
Test: tests/system/test_crash.py.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from hj212d.hub.client import ControlClient

PROGRAM = Path(sys.executable).with_name("hj212d")
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 60.0


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
    """A process of the daemon; role: "supervisor", "hub" or "worker"."""

    pid: int
    role: str


class Daemon:
    """One daemon on one data folder, started as often as needed.

    Standard error goes to ``log``, a file beside the data folder.
    """

    def __init__(
        self,
        data: Path,
        *,
        config: Path | None = None,
        listen: str = "127.0.0.1:0",
        http: str = "127.0.0.1:0",
        workers: int | None = None,
        log: Path | None = None,
    ) -> None:
        self.data = data
        self.log = log or data.with_name(data.name + ".log")
        self.ready: Ready | None = None
        self._config = config
        self._listen, self._http, self._workers = listen, http, workers
        self._child: subprocess.Popen[str] | None = None
        self._orphans: list[Process] = []  # children of the last supervisor that was killed

    def command(self) -> list[str]:
        """The command line."""
        parts = [str(PROGRAM), "serve", "--data", str(self.data)]
        if self._config is not None:
            parts += ["--config", str(self._config)]
        parts += ["--listen", self._listen, "--http", self._http]
        if self._workers is not None:
            parts += ["--workers", str(self._workers)]
        return parts

    def start(self) -> Ready:
        """Start and wait for ``ready``; the port that was found is kept for the next start."""
        assert self._child is None, "it runs already"
        with open(self.log, "ab") as log:
            self._child = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                text=True, start_new_session=True,
            )  # fmt: skip
        try:
            line = self._ready_line()
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

    def _ready_line(self) -> str:
        child = self._child
        assert child is not None
        assert child.stdout is not None
        said = select.poll()  # select.select refuses descriptors above 1,023
        said.register(child.stdout, select.POLLIN)
        end = time.monotonic() + START_TIMEOUT_S
        while (left := end - time.monotonic()) > 0:
            if not said.poll(1000 * left):
                break
            line = child.stdout.readline()
            if line.startswith("ready "):
                return line.strip()
            if not line:
                raise DaemonError(f"serve ended with {child.wait()}: {self.last_words()}")
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
        if self._child is None or self._child.poll() is not None:
            return None
        return self._child.pid

    def processes(self) -> list[Process]:
        """Those that live now, the supervisor first."""
        pid = self.pid
        if pid is None:
            return []
        return [Process(pid, "supervisor"), *(Process(c, _role(c)) for c in _children(pid))]

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
        found += [each for each in self._orphans if _role(each.pid) == each.role]
        for process in reversed(found):
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._reap()
        _wait_gone([process.pid for process in found])

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
            child.wait(STOP_TIMEOUT_S)
            if child.stdout is not None:
                child.stdout.close()

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


def _wait_gone(pids: list[int]) -> None:
    """Orphans of a killed supervisor are reaped by init; wait until they are."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if not any(_alive(pid) for pid in pids):
            return
        time.sleep(0.01)
    raise DaemonError(f"processes survive SIGKILL: {pids}")


def _alive(pid: int) -> bool:
    """Whether it holds anything still: a zombie does while another thread of it is dying."""
    folder = Path(f"/proc/{pid}")
    try:
        state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        threads = len(os.listdir(folder / "task"))
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" or threads > 1
