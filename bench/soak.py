"""``python -m bench soak``: many links, a frame each per interval, for minutes.

Tells what a link costs (memory, processor), whether any was lost, and whether memory or
descriptors grow. Starts a daemon of its own on a temporary folder; everything is on loopback.
Test: tests/system/test_soak.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import msgspec

from bench import ending
from bench.daemon import Daemon
from bench.fleet import percentiles_ms
from bench.procfs import Cost, cost, slope
from bench.statusline import StatusLine
from bench.steady import SteadyFleet
from hj212d.hub.client import ControlError

SAMPLE_S = 3.0
OPEN_PER_S = 500.0
SOURCES = [f"127.0.0.{n}" for n in range(2, 12)]
WARM_UP_MIN = 2.0  # growth is measured from here on
JUDGED_MIN = 5.0  # in shorter runs growth is shown, not judged: caches are still filling
# What counts as growth: more than that per minute, over the noise of an allocator. The hub holds
# a database that gathers rows and then writes them out: its memory is a saw-tooth, of which the
# lowest points are compared, and those only when its caches had time to fill.
GROWTH_LIMITS = {"worker_kb": 256.0, "supervisor_kb": 64.0, "hub_kb": 2048.0, "fds": 0.5}
QUARTERS = 4


class Point(msgspec.Struct, frozen=True):
    """The daemon at one moment; seconds since all links were open."""

    at_s: float
    costs: dict[str, Cost]  # by role
    links: int  # as the daemon's status says; -1: it did not say


@click.command(help="Many links for minutes: memory per link, CPU, growth.")
@click.option("--links", default=5000, show_default=True)
@click.option("--interval", default=10.0, show_default=True, help="Seconds between frames.")
@click.option("--minutes", default=10.0, show_default=True)
@click.option("--workers", default=None, type=int, help="Listener processes.")
@click.option(
    "--store-memory",
    default="192MB",
    show_default=True,
    help="store.memory_limit: low, so that caches are full before growth is judged.",
)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def main(
    context: click.Context,
    links: int,
    interval: float,
    minutes: float,
    workers: int | None,
    store_memory: str,
    as_json: bool,
) -> None:
    _raise_fd_limit(links)
    with tempfile.TemporaryDirectory(prefix="hj212d-soak-") as folder, StatusLine() as line:
        config = Path(folder) / "hj212d.toml"
        config.write_text(f'[store]\nmemory_limit = "{store_memory}"\n')
        daemon = Daemon(Path(folder) / "data", config=config, workers=workers)
        result = ending.run(soak(daemon, links, interval, minutes, line))
    if as_json:
        click.echo(json.dumps(result))
    else:
        for name, value in result.items():
            click.echo(f"{name:20} {value}")
    context.exit(0 if result["passed"] else 1)


def _raise_fd_limit(links: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < links + 100:
        raise click.UsageError(
            f"{links} links need as many open files here and in the daemon; the limit is {hard} "
            f"(was {soft}); raise it with ulimit -Hn or LimitNOFILE="
        )


async def soak(
    daemon: Daemon, links: int, interval_s: float, minutes: float, line: StatusLine
) -> dict[str, Any]:
    """Run it; the result as it goes into JSON."""
    try:
        ready = await asyncio.to_thread(daemon.start)
        fleet = SteadyFleet(
            links, ready.host, ready.port, interval_s=interval_s, addresses=SOURCES
        )
        idle = await asyncio.to_thread(_look, daemon, 0.0)
        line.say(f"opening {links} links at {OPEN_PER_S:.0f} a second")
        await fleet.open(OPEN_PER_S)
        began = time.monotonic()
        running = asyncio.create_task(fleet.run(minutes * 60))
        points: list[Point] = []
        while not running.done():
            points.append(await asyncio.to_thread(_look, daemon, time.monotonic() - began))
            line.show(_one_line(fleet, points[-1]))
            await asyncio.wait([running], timeout=SAMPLE_S)
        await running
        await fleet.close()
        status = await asyncio.to_thread(daemon.terminate)
    finally:
        if daemon.pid is not None:
            await asyncio.to_thread(daemon.kill_all)
    return _result(fleet, idle, points, interval_s, status)


def _look(daemon: Daemon, at_s: float) -> Point:
    costs: dict[str, Cost] = {}
    for process in daemon.processes():
        found = cost(process.pid)
        if found is None:
            continue
        sofar = costs.get(process.role, Cost(0, 0.0, 0))
        costs[process.role] = Cost(
            sofar.rss_bytes + found.rss_bytes, sofar.cpu_s + found.cpu_s, sofar.fds + found.fds
        )
    links = -1
    with contextlib.suppress(ControlError):
        links = int(daemon.control.call("status")["links"])
    return Point(at_s, costs, links)


def _one_line(fleet: SteadyFleet, point: Point) -> str:
    memory = " ".join(f"{role} {c.rss_bytes >> 20} MB" for role, c in point.costs.items())
    return (
        f"{point.at_s:.0f} s · {fleet.up} links up, status says {point.links} · "
        f"{fleet.sent} sent, {fleet.acked} acknowledged, {fleet.resent} resent · {memory}"
    )


def _result(
    fleet: SteadyFleet, idle: Point, points: list[Point], interval_s: float, status: int
) -> dict[str, Any]:
    last = points[-1]
    links = len(fleet.links)
    warm_s = min(WARM_UP_MIN * 60, last.at_s / 3)
    steady = [each for each in points if each.at_s >= warm_s]
    roles = sorted(last.costs)

    def per_minute(role: str, field: str) -> float:
        return 60 * slope(
            [(p.at_s, getattr(p.costs[role], field)) for p in steady if role in p.costs]
        )

    troughs = _troughs(points, "hub")
    growth = {
        **{f"{role}_kb": per_minute(role, "rss_bytes") / 1024 for role in roles},
        "hub_kb": (troughs[-1] - troughs[-2]) / 1024 / (last.at_s / QUARTERS / 60),
        "fds": sum(per_minute(role, "fds") for role in roles),
    }
    cpu = {
        role: (last.costs[role].cpu_s - points[0].costs[role].cpu_s)
        / max(1e-9, last.at_s - points[0].at_s)
        for role in roles
        if role in points[0].costs
    }
    grown = {
        role: last.costs[role].rss_bytes - idle.costs[role].rss_bytes
        for role in roles
        if role in idle.costs
    }
    opened = min((p.costs["worker"].rss_bytes for p in points[:1]), default=0)
    seen = [point.links for point in points if point.links >= 0]
    problems = [
        *([f"{fleet.lost} links lost"] if fleet.lost else []),
        *([f"{fleet.refused} links refused"] if fleet.refused else []),
        *([f"{fleet.unanswered} frames never answered"] if fleet.unanswered else []),
        *(
            [f"{fleet.sent - fleet.acked} frames not acknowledged"]
            if fleet.sent > fleet.acked
            else []
        ),
        *([f"serve ended with {status}"] if status else []),
        *(
            f"{name} grows by {growth[name]:.1f} a minute, limit {limit:g}"
            for name, limit in GROWTH_LIMITS.items()
            if growth.get(name, 0.0) > limit and last.at_s >= JUDGED_MIN * 60 - SAMPLE_S
        ),
    ]
    return {
        "passed": not problems,
        "problems": problems,
        "links": links,
        "interval_s": interval_s,
        "seconds": round(last.at_s, 1),
        "links_lost": fleet.lost,
        "links_refused": fleet.refused,
        "links_in_status": {"least": min(seen, default=-1), "greatest": max(seen, default=-1)},
        "frames_sent": fleet.sent,
        "frames_acked": fleet.acked,
        "frames_resent": fleet.resent,
        "unexpected_replies": fleet.unexpected,
        "reply_ms": percentiles_ms(sorted(fleet.latencies_s)),
        "worker_bytes_per_link": round(grown.get("worker", 0) / links),
        "worker_bytes_per_silent_link": round((opened - idle.costs["worker"].rss_bytes) / links),
        "daemon_bytes_per_link": round(sum(grown.values()) / links),
        "rss_mb": {role: round(last.costs[role].rss_bytes / 2**20, 1) for role in roles},
        "rss_idle_mb": {
            role: round(each.rss_bytes / 2**20, 1) for role, each in idle.costs.items()
        },
        "cpu_share": {role: round(share, 4) for role, share in cpu.items()},
        "fds": {role: last.costs[role].fds for role in roles},
        "hub_troughs_mb": [round(each / 2**20, 1) for each in troughs],
        "growth_per_minute": {name: round(value, 2) for name, value in growth.items()},
    }


def _troughs(points: list[Point], role: str) -> list[int]:
    """The least memory of a role in each quarter of the run, in bytes."""
    quarter_s = points[-1].at_s / QUARTERS
    lowest: list[int] = []
    for number in range(QUARTERS):
        found = [
            point.costs[role].rss_bytes
            for point in points
            if number * quarter_s <= point.at_s <= (number + 1) * quarter_s and role in point.costs
        ]
        lowest.append(min(found, default=lowest[-1] if lowest else 0))
    return lowest
