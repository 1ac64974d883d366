"""Ways to take a store away from a running daemon and to give it back.

DuckDB: another process has the file open, as a forgotten shell has; the hub dies and finds it so.
ClickHouse: its process is killed. Test: tests/system/test_weather.py.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from bench.backing import Backing
from bench.rig import Rig

HOLD_WITHIN_S = 10.0
_LOOK_S = 0.005  # the hub is started again after 0.1 s and opens the file after a second


class HeldFile:
    """A database file with the lock on it that DuckDB itself would take."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def hold(self) -> None:
        """Take the lock, as soon as it is free; TimeoutError when it never is."""
        self._file = open(self._path, "a+b")  # noqa: SIM115
        end = time.monotonic() + HOLD_WITHIN_S
        while time.monotonic() < end:
            with suppress(BlockingIOError, PermissionError):
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(_LOOK_S)
        self.release()
        raise TimeoutError(f"{self._path} was not free within {HOLD_WITHIN_S:.0f} s")

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            self._file.close()
            self._file = None


class Outage:
    """The store of a rig goes away and comes back. Use as a context, so that it always does."""

    def __init__(self, backing: Backing) -> None:
        self._backing = backing
        self._held: HeldFile | None = None
        if not backing.apart:
            self._held = HeldFile(Path(backing.url.removeprefix("duckdb:///")))

    def __enter__(self) -> Outage:
        return self

    def __exit__(self, *_: object) -> None:
        if self._held is not None:
            self._held.release()

    def begin(self, rig: Rig | None) -> None:
        """Take it away; without a rig: before the daemon is there."""
        if self._held is None:
            self._backing.kill()
            return
        for process in rig.processes("hub") if rig is not None else []:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        self._held.hold()

    def end(self) -> None:
        """Give it back."""
        if self._held is None:
            self._backing.start()
        else:
            self._held.release()
