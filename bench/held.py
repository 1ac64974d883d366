"""What a daemon with links takes: memory of its processes and of the kernel, processor time.

Test: tests/bench/test_load_benches.py.
"""

from __future__ import annotations

import time

import msgspec

from bench.procfs import Cost, KernelMemory, Memory, kernel_memory
from bench.rig import Rig


class Held(msgspec.Struct, frozen=True):
    """One look, ``at`` by ``time.monotonic``."""

    at: float
    listeners: Memory
    hub: Memory
    kernel: KernelMemory
    costs: dict[str, Cost]

    def a_link(self, before: Held, links: int) -> dict[str, int]:
        """Bytes a link since ``before``; ``anonymous``: the part that belongs to no file. The
        kernel's is of the whole machine, both ends of each link."""
        grown = {
            "listeners": self.listeners.rss_bytes - before.listeners.rss_bytes,
            "anonymous": self.listeners.anonymous_bytes - before.listeners.anonymous_bytes,
            "hub": self.hub.rss_bytes - before.hub.rss_bytes,
            "kernel_both_ends": self.kernel.slab_bytes - before.kernel.slab_bytes,
            "tcp_buffers": self.kernel.tcp_bytes - before.kernel.tcp_bytes,
        }
        return {name: round(size / links) for name, size in grown.items()}

    def rss_mb(self) -> dict[str, float]:
        """Resident memory by role, in MB of 2**20."""
        return {role: round(each.rss_bytes / 2**20, 1) for role, each in self.costs.items()}


def look(rig: Rig) -> Held:
    """Now."""
    return Held(
        time.monotonic(), rig.memory("worker"), rig.memory("hub"), kernel_memory(), rig.costs()
    )


def cpu_shares(before: Held, after: Held) -> dict[str, float]:
    """Processor time between two looks by role, and of all together; 1.0 is one processor."""
    seconds = after.at - before.at
    found = {
        role: (after.costs[role].cpu_s - before.costs[role].cpu_s) / seconds
        for role in sorted(after.costs)
        if role in before.costs
    }
    return {
        name: round(share, 4) for name, share in (*found.items(), ("all", sum(found.values())))
    }
