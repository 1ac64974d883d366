"""What a process costs, and the slope that tells growth."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack

import pytest

from bench.procfs import cost, kernel_memory, listen_overflows, memory, slope


def test_our_own_cost() -> None:
    """Memory, time and descriptors of this process, and each goes up with use."""
    before = cost(os.getpid())
    assert before is not None
    assert before.rss_bytes > 1 << 20
    held = bytearray(os.urandom(32 << 20))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(5)]
    after = cost(os.getpid())
    for fd in opened:
        os.close(fd)
    assert after is not None
    assert after.rss_bytes - before.rss_bytes > len(held) // 2
    assert after.fds == before.fds + 5
    assert after.cpu_s >= before.cpu_s


def test_our_own_memory() -> None:
    """What we take from the heap is anonymous, and part of what is resident."""
    before = memory(os.getpid())
    held = bytearray(os.urandom(32 << 20))
    after = memory(os.getpid())
    assert before is not None
    assert after is not None
    assert after.anonymous_bytes - before.anonymous_bytes > len(held) // 2
    assert after.rss_bytes > after.anonymous_bytes > 0


def test_the_kernels_memory() -> None:
    """There is always some."""
    assert kernel_memory().slab_bytes > 1 << 20
    assert kernel_memory().tcp_bytes >= 0


def test_a_full_backlog_is_counted() -> None:
    """Who comes to a listener that nobody accepts from, and finds no room, is one more."""
    before = listen_overflows()
    with socket.create_server(("127.0.0.1", 0), backlog=1) as door, ExitStack() as peers:
        for _ in range(5):
            peer = peers.enter_context(socket.socket())
            peer.setblocking(False)
            peer.connect_ex(door.getsockname())
    assert listen_overflows() > before


def test_a_process_that_is_gone_costs_nothing() -> None:
    """Gone is None, not an error."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert cost(child.pid) is None
    assert memory(child.pid) is None


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([], 0),
        ([(1, 5)], 0),
        ([(2, 5), (2, 9)], 0),
        ([(0, 1), (1, 3), (2, 5)], 2),
        ([(0, 7), (10, 7), (20, 7)], 0),
        ([(0, 0), (1, 4), (2, 2), (3, 6)], 1.6),
    ],
)
def test_slope(points: list[tuple[float, float]], expected: float) -> None:
    """Least squares, by hand."""
    assert slope(points) == pytest.approx(expected)
