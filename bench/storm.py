"""``python -m bench storm``: all links break and come back at once.

As after an outage of a carrier: every link is reset, reconnects as fast as the machine lets it,
and sends a frame; time runs from the moment they break until each has its answer, which means
that it was identified and its frame is durable. Test: tests/bench/test_load_benches.py.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from bench.accounts import settle
from bench.generator import Generator
from bench.held import cpu_shares, look
from bench.load_command import prepared, show
from bench.procfs import listen_overflows
from bench.rig import Rig, place, place_options
from bench.statusline import StatusLine

OPEN_PER_S = 4000.0
IDENTIFIED_S = 10.0


def run(
    links: int,
    seconds: float,
    *,
    folder: Path,
    workers: int | None = None,
    line: StatusLine | None = None,
) -> dict[str, Any]:
    """One storm that must be over after ``seconds``; the result as it goes into JSON."""
    with (
        Rig(links, folder=folder, workers=workers) as rig,
        Generator(
            rig.host, rig.port, links, "storm",
            seconds=seconds, open_per_s=OPEN_PER_S, greet=True,
        ) as generator,
    ):  # fmt: skip
        opened = generator.open()
        rig.wait_stored(opened.greeted, 60)
        if line is not None:
            line.show(f"{opened.opened} links open; now they all break")
        before = look(rig)
        overflows = listen_overflows()
        generator.go()
        seen = generator.outcome(seconds + 60)
        after = look(rig)
        overflows = listen_overflows() - overflows
        identified = _identified(rig, links)
        account = settle(rig, seen, timeout_s=60, since=time.monotonic())
    problems = list(account.problems)
    if seen["returned"] < links:
        problems.append(f"{links - seen['returned']} of {links} links were not answered again")
    if identified != links:
        problems.append(f"{identified} of {links} links identified in status")
    return {
        "passed": not problems,
        "problems": problems,
        "links": links,
        "workers": rig.workers,
        "all_answered_s": round(seen.latency.percentile_ms(100) / 1000, 3),
        "answered_ms": seen.latency.summary_ms(),
        "connected_ms": seen.connecting.summary_ms(),
        "tried_again": seen["retries"],
        "knocked_again": overflows,
        "returned": seen["returned"],
        "identified_in_status": identified,
        "cpu": cpu_shares(before, after),
        **account.as_dict(),
    }


def _identified(rig: Rig, wanted: int) -> int:
    """What status counts, which is told to the hub once a second."""
    end = time.monotonic() + IDENTIFIED_S
    while True:
        found = int(rig.status().get("links_identified", 0))
        if found == wanted or time.monotonic() > end:
            return found
        time.sleep(0.1)


@click.command(help="All links break and come back at once: time until each is answered again.")
@click.option("--links", default=2000, show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="At the most.")
@click.option("--workers", type=int, help="Listener processes; default: as many as needed.")
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_context
def main(
    context: click.Context,
    links: int,
    seconds: float,
    workers: int | None,
    folder: Path | None,
    tmpfs: bool,
    as_json: bool,
) -> None:
    here = place(folder, tmpfs)
    with prepared(links) as line:
        result = run(links, seconds, folder=here, workers=workers, line=line)
    show(context, result, as_json)
