"""What this machine must allow before a bench with many links starts, and how many listeners it
needs. A limit that is too low is told before anything runs.

Test: tests/bench/test_machine_limits.py.
"""

from __future__ import annotations

import math
import os
import resource
from pathlib import Path

import click

from bench.generator import LINKS_A_PROCESS, LINKS_A_SOURCE
from hj212d.cli.open_files import MAX_WORKERS, RESERVE

# The kernel's part of a connection over loopback, both ends, and ours: seen 9 to 14 KiB.
LINK_BYTES = 16 * 1024
_SIGMAS = 6  # by which one listener's share may exceed the mean: the kernel deals by hash
_SPARE_FILES = 100


def workers_for(links: int, limit: int, processors: int) -> int:
    """Listener processes that hold ``links`` with ``limit`` open files each, although the kernel
    deals links out by chance; click.UsageError when none of the allowed numbers will do."""
    for count in range(max(1, processors - 1), MAX_WORKERS + 1):
        mean = links / count
        spread = _SIGMAS * math.sqrt(mean) if count > 1 else 0
        if mean + spread + RESERVE + 1 <= limit:
            return count
    raise click.UsageError(
        f"{links} links do not fit in {MAX_WORKERS} processes of {limit} open files; "
        "raise the limit with ulimit -Hn or LimitNOFILE="
    )


def check(links: int, backlog: int = 4096) -> list[str]:
    """click.UsageError when ``links`` cannot be held here; else what will make it slower, a
    sentence each."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    own = min(links, LINKS_A_PROCESS) + _SPARE_FILES
    if hard < own:
        raise click.UsageError(
            f"the load generator needs {own} open files a process; the limit is {hard} "
            f"(was {soft}); raise it with ulimit -Hn or LimitNOFILE="
        )
    _check_files_in_all(links)
    _check_ports(links)
    _check_memory(links)
    return _slower(links, backlog)


def _check_files_in_all(links: int) -> None:
    allowed = int(_kernel("fs/file-max"))
    if allowed < 2 * links + 10_000:
        raise click.UsageError(
            f"{links} links are {2 * links} open files in all; fs.file-max is {allowed}"
        )


def _check_ports(links: int) -> None:
    low, high = map(int, _kernel("net/ipv4/ip_local_port_range").split())
    wanted = min(links, LINKS_A_SOURCE)
    if high - low + 1 < wanted:
        raise click.UsageError(
            f"{wanted} ports are needed for each source address; "
            f"net.ipv4.ip_local_port_range has {high - low + 1}"
        )


def _check_memory(links: int) -> None:
    words = Path("/proc/meminfo").read_text().split()
    free = 1024 * int(words[words.index("MemAvailable:") + 1])
    if free < links * LINK_BYTES:
        raise click.UsageError(
            f"{links} links take about {links * LINK_BYTES >> 20} MiB, kernel included; "
            f"{free >> 20} MiB are free"
        )


def _slower(links: int, backlog: int) -> list[str]:
    found = []
    somaxconn = int(_kernel("net/core/somaxconn"))
    if somaxconn < min(backlog, links):
        found.append(
            f"net.core.somaxconn is {somaxconn}: of many links at once some must knock again "
            "after a second"
        )
    if (os.cpu_count() or 1) < 2:
        found.append("one processor: generator and server take turns on it")
    return found


def _kernel(name: str) -> str:
    return Path("/proc/sys", name).read_text()
