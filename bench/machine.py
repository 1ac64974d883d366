"""The machine that a figure belongs to, and the versions of what ran on it.

Names nobody: no host, no user, no path. Test: tests/bench/test_report.py.
"""

from __future__ import annotations

import os
import platform
import resource
from importlib import metadata
from pathlib import Path

_PACKAGES = (
    *("uvloop", "twisted", "msgspec", "numpy", "pyarrow", "duckdb"),
    *("chdb", "clickhouse-connect", "cython", "cryptography"),
)


def machine() -> dict[str, str]:
    """What it is, one text for each fact."""
    memory_kb = int(Path("/proc/meminfo").read_text().split()[1])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory_kb / 2**20:.0f} GB",
        "kernel": f"{platform.system()} {platform.release()}",
        "open files": f"{soft:,} (hard {hard:,})",
        "CPython": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Of the packages that are there."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
