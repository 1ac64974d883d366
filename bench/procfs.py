"""What processes cost, from /proc: memory, processor time, descriptors. Linux only.

Test: tests/bench/test_procfs.py.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Cost(msgspec.Struct, frozen=True):
    """Resident memory, processor seconds (user and system, all threads), open descriptors."""

    rss_bytes: int
    cpu_s: float
    fds: int


def cost(pid: int) -> Cost | None:
    """What a process costs now; None when it is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        pages = int((folder / "statm").read_text().split()[1])
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        fds = len(os.listdir(folder / "fd"))
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Cost(pages * _PAGE_BYTES, (int(fields[11]) + int(fields[12])) / _TICKS_PER_S, fds)


class Memory(msgspec.Struct, frozen=True):
    """User memory: all that is resident; what of it belongs to no file (heap and stacks)."""

    rss_bytes: int
    anonymous_bytes: int


def memory(pid: int) -> Memory | None:
    """User memory of a process now, from smaps_rollup; None when it is gone."""
    try:
        words = Path(f"/proc/{pid}/smaps_rollup").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Memory(
        1024 * int(words[words.index("Rss:") + 1]),
        1024 * int(words[words.index("Anonymous:") + 1]),
    )


def peak_bytes(pid: int) -> int:
    """The most memory that a process ever had resident; 0 when it is gone."""
    try:
        words = Path(f"/proc/{pid}/status").read_text().split()
        return 1024 * int(words[words.index("VmHWM:") + 1])
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return 0


class KernelMemory(msgspec.Struct, frozen=True):
    """Of the whole machine: slab (sockets, files, inodes), and data in TCP buffers."""

    slab_bytes: int
    tcp_bytes: int


def kernel_memory() -> KernelMemory:
    """What the kernel holds now."""
    slab = Path("/proc/meminfo").read_text().split()
    tcp = Path("/proc/net/sockstat").read_text().split("TCP:")[1].split()
    return KernelMemory(
        1024 * int(slab[slab.index("Slab:") + 1]), _PAGE_BYTES * int(tcp[tcp.index("mem") + 1])
    )


def listen_overflows() -> int:
    """Connections that found a full backlog since the machine started; their peers knock again."""
    names, numbers = (
        line.split()[1:]
        for line in Path("/proc/net/netstat").read_text().splitlines()
        if line.startswith("TcpExt:")
    )
    return int(numbers[names.index("ListenOverflows")])


def slope(points: list[tuple[float, float]]) -> float:
    """Least-squares slope of y over x; 0 with fewer than two different x."""
    count = len(points)
    if count < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return 0.0
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
