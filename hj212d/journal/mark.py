"""The durable mark of a lane: the logical offset up to which readers may read.

Sixteen bytes, the offset twice; equal halves tell a whole value. The writer stores through a
mapping, which costs no system call. The mark itself is never synced: after a power cut it may lag,
never lead. Tests: tests/journal/test_mark.py.
"""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path

from hj212d.journal.disk import Disk, write_all

_PAIR = struct.Struct("<QQ")
_TRIES = 100


class DurableMark:
    """The writer's side. OSError when the file cannot be made."""

    def __init__(self, path: Path, disk: Disk) -> None:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            if os.fstat(fd).st_size != _PAIR.size:
                write_all(disk, fd, bytes(_PAIR.size), 0)
                disk.truncate(fd, _PAIR.size)
                disk.sync(fd)
                disk.sync_folder(path.parent)
            self._map = mmap.mmap(fd, _PAIR.size)
        finally:
            os.close(fd)

    def publish(self, offset: int) -> None:
        """All readers may read up to ``offset``."""
        self._map[:] = _PAIR.pack(offset, offset)

    def close(self) -> None:
        """Give the mapping back; the file stays."""
        self._map.close()


def read_mark(path: Path) -> int | None:
    """The published offset; None when there is none or it is damaged."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        for _ in range(_TRIES):
            raw = os.pread(fd, _PAIR.size, 0)
            if len(raw) < _PAIR.size:
                return None
            first, second = _PAIR.unpack(raw)
            if first == second:
                return int(first)
    finally:
        os.close(fd)
    return None
