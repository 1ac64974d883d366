"""Whether an operator has paused a target: a small file in its folder, so that it outlives us.

Tests: tests/hub/forward/test_forwarder.py.
"""

from __future__ import annotations

from pathlib import Path

from hj212d.journal.disk import Disk, replace_file

_FILE = "paused"
_DISK = Disk()


def is_paused(folder: Path) -> bool:
    """Whether the target of a folder is paused."""
    return (folder / _FILE).exists()


def set_paused(folder: Path, paused: bool) -> None:
    """Pause or not, durable when this returns; OSError from the disk."""
    if paused:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(_DISK, folder / _FILE, b"")
    else:
        (folder / _FILE).unlink(missing_ok=True)
        if folder.exists():
            _DISK.sync_folder(folder)
