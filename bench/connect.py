"""``python -m bench connect``: so many links at once, each with a frame now and then, for minutes.

Tells whether any was lost, what a link takes in memory (listeners, hub, kernel) and in processor
time. Test: tests/bench/test_load_benches.py.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from bench.accounts import settle
from bench.generator import Generator, Opened
from bench.held import cpu_shares, look
from bench.load_command import prepared, show
from bench.rig import Rig, place, place_options
from bench.statusline import StatusLine

SAMPLE_S = 1.0


def run(
    links: int,
    interval_s: float,
    seconds: float,
    *,
    folder: Path,
    open_per_s: float = 4000.0,
    store: str = "",
    workers: int | None = None,
    line: StatusLine | None = None,
) -> dict[str, Any]:
    """Hold ``links`` for ``seconds``, each sends every ``interval_s``; as JSON has it."""
    with (
        Rig(links, folder=folder, idle_s=max(300.0, 3 * interval_s), store=store, workers=workers)
        as rig,
        Generator(
            rig.host,
            rig.port,
            links,
            "rate",
            rate=links / interval_s,
            seconds=seconds,
            open_per_s=open_per_s,
            greet=True,
        ) as generator,
    ):  # fmt: skip
        without = look(rig)
        opened = generator.open(60 + 2 * links / open_per_s)
        rig.wait_stored(opened.greeted, 120)
        idle = look(rig)
        generator.go()
        least = links
        while not generator.wait(SAMPLE_S):
            status = rig.status()
            least = min(least, status.get("links", least))
            if line is not None:
                line.show(f"{time.monotonic() - idle.at:.0f} s of {seconds:.0f}, {least} links")
            if time.monotonic() - idle.at > seconds + 60:
                break
        held = look(rig)
        seen = generator.outcome(1)
        ended = time.monotonic()
        account = settle(rig, seen, timeout_s=60 + seconds, since=ended)
    return {
        "passed": not account.problems,
        "problems": account.problems,
        "links": links,
        "interval_s": interval_s,
        "seconds": seconds,
        "workers": rig.workers,
        **_opening(opened),
        "lost": seen["lost"],
        "least_links_in_status": least,
        "sent": seen["sent"],
        "acked": seen["acked"],
        "ack_ms": seen.latency.summary_ms(),
        "cpu": cpu_shares(idle, held),
        "idle_link_bytes": idle.a_link(without, links),
        "link_bytes_at_end": held.a_link(without, links),
        "rss_mb": held.rss_mb(),
        **account.as_dict(),
    }


def _opening(opened: Opened) -> dict[str, Any]:
    return {
        "opened": opened.opened,
        "refused": opened.refused,
        "greeted": opened.greeted,
        "open_s": round(opened.seconds, 2),
    }


@click.command(help="Many links held at once: lost ones, memory a link, CPU.")
@click.option("--links", default=2000, show_default=True)
@click.option("--interval", default=30.0, show_default=True, help="Seconds between frames.")
@click.option("--minutes", default=1.0, show_default=True)
@click.option("--open-per-s", default=4000.0, show_default=True, help="New links a second.")
@click.option("--workers", type=int, help="Listener processes; default: as many as needed.")
@click.option("--store", default="", help="store.url; default: DuckDB in the data folder.")
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_context
def main(
    context: click.Context,
    links: int,
    interval: float,
    minutes: float,
    open_per_s: float,
    workers: int | None,
    store: str,
    folder: Path | None,
    tmpfs: bool,
    as_json: bool,
) -> None:
    here = place(folder, tmpfs)
    with prepared(links) as line:
        result = run(
            links, interval, 60 * minutes, folder=here, open_per_s=open_per_s, store=store,
            workers=workers, line=line,
        )  # fmt: skip
    show(context, result, as_json)
