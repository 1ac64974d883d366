"""A daemon set up for a load bench: folder, settings, listeners, what its processes cost.

All load comes from a few addresses of this machine, so limits by address are out of the way.
Test: tests/bench/test_rig.py.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar

import click

from bench.daemon import Daemon, Process, Ready
from bench.limits import workers_for
from bench.procfs import Cost, Memory, cost, memory
from hj212d.hub.client import ControlError
from hj212d.journal.lanes import lanes
from hj212d.journal.reader import LaneReader
from hj212d.journal.record import Kind

DISK = Path("/var/tmp")  # by convention on a disk, where /tmp may be memory
TMPFS = Path("/dev/shm")
FACTORS = 12  # of each frame of bench/native/load.c

Sync = Literal["group", "always", "none"]
F = TypeVar("F", bound=Callable[..., Any])


class Rig:
    """A daemon and its folder; use as a context: what is left is killed and removed.

    ``address_bytes_per_s``: the limit by address; out of the way unless it is what is looked at.
    ``sync``: journal.sync. ``resting``: the hub leaves the journal alone, so that the listeners
    are what is measured. ``idle_s``: silence of a link that is no fault. ``more``:
    further sections of the configuration.
    """

    def __init__(
        self,
        links: int,
        *,
        folder: Path = DISK,
        sync: Sync = "group",
        resting: bool = False,
        idle_s: float = 300.0,
        workers: int | None = None,
        store: str = "",
        address_bytes_per_s: float = 10_000_000_000.0,
        more: str = "",
    ) -> None:
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.workers = workers or workers_for(links, limit, os.cpu_count() or 1)
        self.store = store
        self._config = _config(links, sync, resting, idle_s, store, address_bytes_per_s) + more
        self._folder = folder
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._ready: Ready | None = None
        self.began_s = time.time()
        self.daemon: Daemon

    def __enter__(self) -> Rig:
        self._temporary = tempfile.TemporaryDirectory(prefix="hj212d-bench-", dir=self._folder)
        here = Path(self._temporary.name)
        config = here / "hj212d.toml"
        config.write_text(self._config)
        self.daemon = Daemon(here / "data", config=config, workers=self.workers)
        try:
            self._ready = self.daemon.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self.daemon.pid is not None:
            self.daemon.kill_all()
        if self._temporary is not None:
            self._temporary.cleanup()

    @property
    def host(self) -> str:
        """Where it listens."""
        assert self._ready is not None
        return self._ready.host

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._ready is not None
        return self._ready.port

    @property
    def url(self) -> str:
        """Its store."""
        return self.store or f"duckdb:///{self.daemon.data / 'hj212d.duckdb'}"

    def processes(self, role: str) -> list[Process]:
        """Those of a role: "supervisor", "hub" or "worker"."""
        return [each for each in self.daemon.processes() if each.role == role]

    def costs(self) -> dict[str, Cost]:
        """What its processes cost now, by role."""
        found: dict[str, Cost] = {}
        for process in self.daemon.processes():
            now = cost(process.pid)
            if now is not None:
                sofar = found.get(process.role, Cost(0, 0.0, 0))
                found[process.role] = Cost(
                    sofar.rss_bytes + now.rss_bytes, sofar.cpu_s + now.cpu_s, sofar.fds + now.fds
                )
        return found

    def memory(self, role: str) -> Memory:
        """User memory of the processes of a role together."""
        found = [memory(each.pid) for each in self.processes(role)]
        return Memory(
            sum(each.rss_bytes for each in found if each),
            sum(each.anonymous_bytes for each in found if each),
        )

    def status(self) -> dict[str, Any]:
        """Its status; {} when it does not answer now."""
        try:
            return self.daemon.control.call("status")
        except ControlError:
            return {}

    def wait_stored(self, frames: int, timeout_s: float) -> float | None:
        """Wait until the store counts as many good frames; the moment (``time.monotonic``) at
        which it was seen, at most a second after it was so. None: it did not come to that."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            store = self.status().get("store", {})
            if (store.get("frames") or 0) - (store.get("frames_bad") or 0) >= frames:
                return time.monotonic()
            time.sleep(0.05)
        return None

    def wait_judged(self, frames: int, timeout_s: float) -> None:
        """Wait until alerts, where they are on, have judged so many frames: each factor that is
        seen for the first time is looked up once, which is no part of a steady load."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            alerts = self.status().get("alerts", {})
            if not alerts.get("on", True) or alerts.get("frames_total", 0) >= frames:
                return
            time.sleep(0.2)

    def journalled(self) -> int:
        """Good frames in the journal, once the daemon has ended."""
        count = 0
        journal = self.daemon.data / "journal"
        for lane in lanes(journal):
            with LaneReader(journal / lane) as reader:
                while found := reader.read():
                    count += sum(record.kind == Kind.FRAME for _, record in found)
        return count


def _config(
    links: int, sync: Sync, resting: bool, idle_s: float, store: str, address_bytes_per_s: float
) -> str:
    lines = [
        "[link]",
        "address_max_links = 10000000",
        "address_links_per_s = 1000000.0",
        f"address_bytes_per_s = {address_bytes_per_s:.1f}",
        f"idle_timeout_s = {idle_s:.1f}",
        "[journal]",
        f'sync = "{sync}"',
        "[hub]",
        f"live_max_mns = {max(100_000, 2 * links)}",
        "[store]",
        f"batch_interval_s = {3600.0 if resting else 1.0}",
        *([f'url = "{store}"'] if store else []),
    ]
    return "\n".join(lines) + "\n"


def place(folder: Path | None, tmpfs: bool) -> Path:
    """Where the data folder goes; click.UsageError when that is no folder."""
    if folder is not None and tmpfs:
        raise click.UsageError("--dir and --tmpfs exclude each other")
    chosen = TMPFS if tmpfs else folder or DISK
    if not chosen.is_dir():
        raise click.UsageError(f"{chosen} is no folder")
    return chosen


def place_options(command: F) -> F:
    """--dir and --tmpfs, as all load benches have them."""
    for option in (
        click.option("--tmpfs", is_flag=True, help="Data folder in memory (/dev/shm)."),
        click.option(
            "--dir",
            "folder",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="Disk for the data folder; default: /var/tmp.",
        ),
    ):
        command = option(command)
    return command
