"""A disk that fails when told to, for the journal's tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from hj212d.journal.disk import Disk


class FailingDisk(Disk):
    """Real files. ``plan`` holds what goes wrong: call name -> errno of each of the next calls (0:
    that one works). ``before_sync`` runs when data are written and not yet synced."""

    def __init__(self) -> None:
        self.plan: dict[str, list[int]] = {}
        self.syncs = 0
        self.free: int | None = None
        self.short_writes = False
        self.before_sync: Callable[[], None] = lambda: None

    def _fail(self, call: str) -> None:
        errors = self.plan.get(call)
        if errors and (number := errors.pop(0)):
            raise OSError(number, os.strerror(number))

    def write(self, fd: int, data: memoryview, at: int) -> int:
        """A failing write leaves half of the data behind, as a full disk does."""
        try:
            self._fail("write")
        except OSError:
            super().write(fd, data[: len(data) // 2], at)
            raise
        return super().write(fd, data[:7] if self.short_writes else data, at)

    def sync(self, fd: int) -> None:
        self.before_sync()
        self._fail("sync")
        self.syncs += 1
        super().sync(fd)

    def truncate(self, fd: int, size: int) -> None:
        self._fail("truncate")
        super().truncate(fd, size)

    def sync_folder(self, folder: Path) -> None:
        self._fail("sync_folder")
        super().sync_folder(folder)

    def free_bytes(self, fd: int) -> int:
        return super().free_bytes(fd) if self.free is None else self.free
