"""``python -m bench pace``: how fast listeners answer, as a share of the least server in C.

Closed loop: each link sends its next frame when the last was answered. The yardstick, a null sink
(what the generator itself can do) and the daemon stand side by side and are loaded in turn, round
after round, so that whatever else the machine does disturbs all of them. The server has a
processor of its own. The hub rests: only cutting, checking, parsing, journal and answer are
measured. Test: tests/bench/test_load_benches.py.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, Literal

import click

from bench.closed_loop import Server, load, ratio
from bench.load_command import prepared, show
from bench.pinning import Processors, pin, split
from bench.rig import Rig, place, place_options
from bench.statusline import StatusLine
from bench.yardstick import Yardstick

ROUNDS = 5

Journal = Literal["memory", "group"]


def run(
    links: int,
    seconds: float,
    *,
    journal: Journal,
    folder: Path,
    rounds: int = ROUNDS,
    line: StatusLine | None = None,
) -> dict[str, Any]:
    """Measure ``seconds`` for each server in all; the result as it goes into JSON."""
    processors = split()
    with ExitStack() as stack:
        rig = stack.enter_context(
            Rig(
                links,
                folder=folder,
                sync="group" if journal == "group" else "none",
                resting=True,
                workers=1,
            )
        )
        yardstick = stack.enter_context(Yardstick())
        null = stack.enter_context(Yardstick("null"))
        servers = [
            Server("yardstick", yardstick.host, yardstick.port, lambda: [yardstick.pid]),
            Server("null sink", null.host, null.port, lambda: [null.pid], any_answer=True),
            Server("daemon", rig.host, rig.port, lambda: [p.pid for p in rig.processes("worker")]),
        ]
        for process in rig.daemon.processes():
            pin(process.pid, processors.rest)
        for server in servers:
            for pid in server.pids():
                pin(pid, processors.server)
        for number in range(rounds):
            for server in servers:
                if line is not None:
                    line.show(f"round {number + 1} of {rounds}: {server.name}")
                load(server, links, seconds / rounds, processors)
        codec = rig.status().get("codec", "")
        rig.daemon.kill_all()
        journalled = rig.journalled()
    return _result(servers, links, journal, processors, journalled, codec)


def _result(
    servers: list[Server],
    links: int,
    journal: Journal,
    processors: Processors,
    journalled: int,
    codec: str,
) -> dict[str, Any]:
    yardstick, daemon = servers[0], servers[-1]
    problems = [text for server in servers for text in server.problems]
    if journalled < daemon.frames:
        problems.append(f"{daemon.frames} frames acknowledged, {journalled} in the journal")
    return {
        "passed": not problems,
        "problems": problems,
        "links": links,
        "journal": "group commit" if journal == "group" else "memory",
        "codec": codec,
        "rounds": len(daemon.per_s),
        "processors": processors.text,
        "servers": [
            {
                "server": server.name,
                "frames": server.frames,
                "frames_per_cpu_s": round(median(server.per_cpu_s)),
                "frames_per_s": round(median(server.per_s)),
                "generator_busy": round(median(server.generator_busy), 2),
                "ratio_per_cpu": ratio(server.per_cpu_s, yardstick.per_cpu_s),
                "ratio_per_s": ratio(server.per_s, yardstick.per_s),
                "ack_ms": server.latency.summary_ms(),
            }
            for server in servers
        ],
        "frames_acked": daemon.frames,
        "frames_in_journal": journalled,
        "ratio_per_cpu": ratio(daemon.per_cpu_s, yardstick.per_cpu_s),
        "ratio_per_s": ratio(daemon.per_s, yardstick.per_s),
    }


@click.command(help="Closed loop: frames a second of a core, against a C server in the same run.")
@click.option("--links", default=1000, show_default=True)
@click.option("--seconds", default=10.0, show_default=True, help="For each server, in all.")
@click.option("--rounds", default=ROUNDS, show_default=True)
@click.option(
    "--journal",
    type=click.Choice(["memory", "group"]),
    default="memory",
    show_default=True,
    help="memory: /dev/shm, journal.sync none. group: on disk, journal.sync group.",
)
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.pass_context
def main(
    context: click.Context,
    links: int,
    seconds: float,
    rounds: int,
    journal: Journal,
    folder: Path | None,
    tmpfs: bool,
    as_json: bool,
) -> None:
    here = place(folder, tmpfs or (journal == "memory" and folder is None))
    with prepared(links) as line:
        result = run(links, seconds, journal=journal, folder=here, rounds=rounds, line=line)
    show(context, result, as_json, _table)


def _table(result: dict[str, Any]) -> None:
    click.echo(
        f"{result['links']} links, journal: {result['journal']}, codec {result['codec']}, "
        f"{result['rounds']} rounds, {result['processors']}"
    )
    columns = ("server", "frames_per_cpu_s", "frames_per_s", "ratio_per_cpu", "ratio_per_s")
    click.echo("  ".join(f"{name:>16}" for name in (*columns, "p99_ms", "generator_busy")))
    for row in result["servers"]:
        cells = [*(row[name] for name in columns), row["ack_ms"]["p99"], row["generator_busy"]]
        click.echo("  ".join(f"{cell:>16}" for cell in cells))
