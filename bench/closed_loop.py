"""A server under a closed loop: each link sends its next frame when the last was answered.

Used by ``bench pace`` and ``bench rivals``. Test: tests/bench/test_load_benches.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import msgspec

from bench.generator import Generator, Outcome
from bench.histogram import Histogram
from bench.pinning import Processors
from bench.procfs import cost

PAST_S = 6 * 3600  # DataTimes begin then: a link sends more than one frame a second


class Server(msgspec.Struct):
    """One that is loaded: where, which processes do the work, what came of it so far."""

    name: str
    host: str
    port: int
    pids: Callable[[], list[int]]
    any_answer: bool = False
    per_s: list[float] = []
    per_cpu_s: list[float] = []
    generator_busy: list[float] = []
    latency: Histogram = msgspec.field(default_factory=Histogram)
    frames: int = 0
    problems: list[str] = []


def load(server: Server, links: int, seconds: float, processors: Processors) -> None:
    """One round; what came of it is added to the server's lists."""
    pids = server.pids()
    with Generator(
        server.host,
        server.port,
        links,
        "closed",
        cpus=set(processors.rest),
        seconds=seconds,
        data_start_s=int(time.time()) - PAST_S,
        any_answer=server.any_answer,
    ) as generator:
        generator.open()
        before = _cpu_s(pids)
        generator.go()
        seen = generator.outcome(seconds + 30)
        used = _cpu_s(pids) - before
    _keep(server, seen, used)


def _keep(server: Server, seen: Outcome, cpu_s: float) -> None:
    server.per_s.append(seen.frames_per_s)
    server.per_cpu_s.append(seen["acked"] / cpu_s if cpu_s else 0.0)
    server.generator_busy.append(seen.cpu_s / seen.ran_s if seen.ran_s else 0.0)
    server.latency.merge(seen.latency)
    server.frames += seen["acked"]
    server.problems += [f"{server.name}: {text}" for text in seen.problems()]


def _cpu_s(pids: list[int]) -> float:
    return sum(found.cpu_s for pid in pids if (found := cost(pid)))


def ratio(ones: list[float], others: list[float]) -> float:
    """The median of the rounds' ratios, to three digits."""
    return round(median(a / b if b else 0.0 for a, b in zip(ones, others, strict=True)), 3)
