"""``python -m bench rivals``: servers as they are commonly written, ours, and the least one in C.

Each is loaded in turn by the same generator, round after round: closed loop, frames a second of a
processor; then so many links that each sends one frame: were all held and answered, and what did
a link take. Each has one process that answers. Test: tests/bench/test_rivals.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import click
import msgspec

from bench.closed_loop import Server, load, ratio
from bench.generator import Generator, GeneratorFailed
from bench.load_command import prepared, show
from bench.pinning import Processors, pin, split
from bench.procfs import memory
from bench.rig import Rig, place, place_options
from bench.statusline import StatusLine
from bench.yardstick import ServerProcess, Yardstick

OPEN_PER_S = 1000.0
ANSWERED_S = 60.0  # until the last of many links must have had its answer


class Way(msgspec.Struct, frozen=True):
    """A rival: module of this folder, and whether its answer means that the frame is on disk."""

    name: str
    module: str
    durable: bool


WAYS = (
    Way("thread per link, SQLite", "thread_per_link", True),
    Way("asyncio streams", "asyncio_streams", False),
    Way("Twisted lines", "twisted_lines", False),
)


class Many(msgspec.Struct, frozen=True):
    """So many links at once: until all were open and answered (None: not in time), and resident
    bytes a link then."""

    all_answered_s: float | None
    link_bytes: int


def run(
    links: int,
    many: int,
    seconds: float,
    *,
    folder: Path,
    rounds: int = 3,
    line: StatusLine | None = None,
) -> dict[str, Any]:
    """Closed loop over ``links``, ``seconds`` for each server in all; then ``many`` links."""
    processors = split()
    with ExitStack() as stack:
        servers, durable = _started(stack, links + many, folder, processors)
        for number in range(rounds):
            for server in servers:
                if line is not None:
                    line.show(f"round {number + 1} of {rounds}: {server.name}")
                load(server, links, seconds / rounds, processors)
        held = {}
        for server in servers:
            if line is not None:
                line.show(f"{many} links: {server.name}")
            held[server.name] = _hold(server, many, processors)
    yardstick = servers[0]
    problems = [text for server in servers for text in server.problems]
    return {
        "passed": not problems,
        "problems": problems,
        "links": links,
        "many_links": many,
        "rounds": rounds,
        "processors": processors.text,
        "servers": [
            {
                "server": server.name,
                "durable": durable.get(server.name, False),
                "frames_per_cpu_s": round(median(server.per_cpu_s)),
                "frames_per_s": round(median(server.per_s)),
                "ratio_per_cpu": ratio(server.per_cpu_s, yardstick.per_cpu_s),
                "ratio_per_s": ratio(server.per_s, yardstick.per_s),
                "ack_ms": server.latency.summary_ms(),
                **msgspec.to_builtins(held[server.name]),
            }
            for server in servers
        ],
    }


def _started(
    stack: ExitStack, links: int, folder: Path, processors: Processors
) -> tuple[list[Server], dict[str, bool]]:
    yardstick = stack.enter_context(Yardstick())
    servers = [_server("C yardstick", yardstick)]
    for way in WAYS:
        command = [sys.executable, "-m", f"bench.rivals.{way.module}", str(folder)]
        servers.append(_server(way.name, stack.enter_context(ServerProcess(command))))
    rig = stack.enter_context(Rig(links, folder=folder, resting=True, workers=1))
    for process in rig.daemon.processes():
        pin(process.pid, processors.rest)
    servers.append(
        Server("hj212d", rig.host, rig.port, lambda: [p.pid for p in rig.processes("worker")])
    )
    for server in servers:
        for pid in server.pids():
            pin(pid, processors.server)
    return servers, {"hj212d": True, **{way.name: way.durable for way in WAYS}}


def _server(name: str, process: ServerProcess) -> Server:
    return Server(name, process.host, process.port, lambda: [process.pid])


def _hold(server: Server, links: int, processors: Processors) -> Many:
    """Open many links, each sends one frame."""
    before = _rss_bytes(server.pids)
    with Generator(
        server.host, server.port, links, "rate",
        cpus=set(processors.rest), open_per_s=OPEN_PER_S, greet=True,
    ) as generator:  # fmt: skip
        try:
            took = round(generator.open(links / OPEN_PER_S + ANSWERED_S).seconds, 1)
        except GeneratorFailed:
            took = None
        used = _rss_bytes(server.pids) - before
    return Many(took, round(used / links))


def _rss_bytes(pids: Callable[[], list[int]]) -> int:
    return sum(found.rss_bytes for pid in pids() if (found := memory(pid)))


@click.command(help="Servers as they are commonly written, ours, and the least one in C.")
@click.option("--links", default=100, show_default=True, help="Of the closed loop.")
@click.option("--many", default=2000, show_default=True, help="Links held at once.")
@click.option("--seconds", default=6.0, show_default=True, help="For each server, in all.")
@click.option("--rounds", default=3, show_default=True)
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.pass_context
def main(
    context: click.Context,
    links: int,
    many: int,
    seconds: float,
    rounds: int,
    folder: Path | None,
    tmpfs: bool,
    as_json: bool,
) -> None:
    here = place(folder, tmpfs)
    with prepared(max(links, many)) as line:
        result = run(links, many, seconds, folder=here, rounds=rounds, line=line)
    show(context, result, as_json, _table)


def _table(result: dict[str, Any]) -> None:
    click.echo(
        f"closed loop on {result['links']} links, then {result['many_links']} links at once; "
        f"{result['rounds']} rounds, {result['processors']}"
    )
    columns = ("frames_per_cpu_s", "ratio_per_cpu", "frames_per_s", "durable")
    last = ("all_answered_s", "link_bytes")
    click.echo(f"{'server':24}" + "".join(f"{n:>18}" for n in (*columns, "p99_ms", *last)))
    for row in result["servers"]:
        cells = [
            *(row[name] for name in columns), row["ack_ms"]["p99"], *(row[name] for name in last)
        ]  # fmt: skip
        click.echo(f"{row['server']:24}" + "".join(f"{cell!s:>18}" for cell in cells))
