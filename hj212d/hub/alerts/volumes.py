"""How much room the disks of some folders have. Blocks.

Tests: tests/hub/alerts/test_volumes.py.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from hj212d.hub.alerts.system_rules import Volume


def volumes(folders: Iterable[Path]) -> list[Volume]:
    """One for each disk, named by the first folder on it; folders that cannot be asked are left
    out."""
    found: dict[int, Volume] = {}
    for folder in folders:
        with suppress(OSError):
            device = os.stat(folder).st_dev
            usage = shutil.disk_usage(folder)
            found.setdefault(device, Volume(str(folder), usage.free, usage.total))
    return list(found.values())
