"""One daemon for a data folder: a lock that its processes share and the last of them gives free.

Tests: tests/cli/test_data_lock.py.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

WAIT_S = 15.0  # children of a supervisor that was killed need up to drain_timeout_s to end


class DataBusy(Exception):
    """Another daemon works in the folder; the text says which."""


def take(
    path: Path,
    wait_s: float = WAIT_S,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """The descriptor that holds the lock, for this process and all that inherit it.

    Waits for a predecessor that is about to end. DataBusy when it does not; OSError when the file
    cannot be made.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    deadline = clock() + wait_s
    try:
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if clock() >= deadline:
                    holder = os.pread(fd, 20, 0).decode("ascii", "replace").strip() or "unknown"
                    raise DataBusy(
                        f"another hj212d works in {path.parent} (process {holder})"
                    ) from None
                sleep(0.1)
        os.ftruncate(fd, 0)
        os.pwrite(fd, b"%d\n" % os.getpid(), 0)
    except BaseException:
        os.close(fd)
        raise
    return fd


def held(path: Path) -> bool:
    """Whether a daemon, or a process of one, works in the folder of this lock now."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
