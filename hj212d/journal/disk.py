"""The few calls by which the journal changes a disk, in one place so that tests can fail them.

Each may raise OSError. Tests: tests/journal/test_writer_failures.py.
"""

from __future__ import annotations

import os
from pathlib import Path


class Disk:
    """The real disk."""

    def write(self, fd: int, data: memoryview, at: int) -> int:
        """Write at a file offset; the number of bytes taken, which may be fewer."""
        return os.pwrite(fd, data, at)

    def sync(self, fd: int) -> None:
        """Data of the file, and the size needed to read them, are on the medium."""
        os.fdatasync(fd)

    def truncate(self, fd: int, size: int) -> None:
        """Cut the file to ``size`` bytes."""
        os.ftruncate(fd, size)

    def sync_folder(self, folder: Path) -> None:
        """Names created, renamed or removed in the folder are on the medium."""
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def free_bytes(self, fd: int) -> int:
        """Free space for us on the file system of an open file."""
        stat = os.fstatvfs(fd)
        return stat.f_bavail * stat.f_frsize


def write_all(disk: Disk, fd: int, data: bytes, at: int) -> None:
    """Write all of ``data`` at a file offset; OSError leaves an unknown part written."""
    view = memoryview(data)
    while view:
        taken = disk.write(fd, view, at)
        view = view[taken:]
        at += taken


def replace_file(disk: Disk, path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` so that after a crash either the old or the new file is there,
    whole."""
    new = path.with_name(path.name + ".new")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
    try:
        write_all(disk, fd, data, 0)
        disk.sync(fd)
    except OSError:
        new.unlink(missing_ok=True)
        raise
    finally:
        os.close(fd)
    os.replace(new, path)
    disk.sync_folder(path.parent)


def own_like(path: Path, model: Path) -> None:
    """Give a file that root made to the owner of ``model``, so that the daemon can use it."""
    if os.geteuid() == 0:
        owner = model.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
