"""``python -m bench burst``: many frames at once, from the first byte to the last row in a query.

All frames of all links are due at one moment, as after an outage that everybody buffered. A row
counts when a query through the daemon returns it. The last frames that were answered are asked
for one by one; that every single one is there is checked afterwards, by counting.
Test: tests/bench/test_load_benches.py.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from bench.accounts import settle
from bench.generator import Generator, Outcome
from bench.held import cpu_shares, look
from bench.load_command import prepared, show
from bench.rig import FACTORS, Rig, place, place_options
from bench.statusline import StatusLine
from hj212d.hub.client import ControlError

OPEN_PER_S = 4000.0
LOOK_S = 0.05


def run(
    links: int,
    frames: int,
    seconds: float,
    *,
    folder: Path,
    store: str = "",
    workers: int | None = None,
    line: StatusLine | None = None,
) -> dict[str, Any]:
    """One burst that must be over after ``seconds``; the result as it goes into JSON."""
    with (
        Rig(links, folder=folder, store=store, workers=workers) as rig,
        Generator(
            rig.host, rig.port, links, "burst",
            frames=frames, seconds=seconds, open_per_s=OPEN_PER_S, greet=True,
        ) as generator,
    ):  # fmt: skip
        opened = generator.open()
        rig.wait_stored(opened.greeted, 60)
        if line is not None:
            line.show(f"{opened.opened} links open; now {frames} frames")
        before = look(rig)
        generator.go()
        seen = generator.outcome(seconds + 60)
        began = seen.first_sent_ns / 1e9
        queryable = _until_queryable(rig, seen, began + seconds)
        after = look(rig)
        account = settle(rig, seen, timeout_s=seconds, since=began)
    problems = list(account.problems)
    if queryable is None:
        problems.append(f"the last rows were not in a query after {seconds:.0f} s")
    return {
        "passed": not problems,
        "problems": problems,
        "links": links,
        "frames_offered": frames,
        "values": FACTORS * frames,
        "workers": rig.workers,
        "store": store or "duckdb",
        "last_ack_s": round(seen.acked_s, 3),
        "last_row_queryable_s": None if queryable is None else round(queryable - began, 3),
        "ack_ms": seen.latency.summary_ms(),
        "cpu": cpu_shares(before, after),
        "rss_mb": after.rss_mb(),
        **account.as_dict(),
    }


def _until_queryable(rig: Rig, seen: Outcome, end: float) -> float | None:
    """Wait until the frames answered last are in a query, on all links that sent them; the moment,
    None when ``end`` passes before."""
    for mn, sent in reversed(seen.last_acked):
        while _rows(rig, mn) < FACTORS * sent:
            if time.monotonic() > end:
                return None
            time.sleep(LOOK_S)
    return time.monotonic()


def _rows(rig: Rig, mn: str) -> int:
    try:
        return int(rig.daemon.control.table("query", mn=mn).num_rows)
    except ControlError:
        return 0  # too busy to answer: ask again


@click.command(help="Many frames at once: first byte to last row in a query.")
@click.option("--links", default=2000, show_default=True)
@click.option("--frames", default=20_000, show_default=True, help="On all links together.")
@click.option("--seconds", default=120.0, show_default=True, help="At the most.")
@click.option("--workers", type=int, help="Listener processes; default: as many as needed.")
@click.option("--store", default="", help="store.url; default: DuckDB in the data folder.")
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_context
def main(
    context: click.Context,
    links: int,
    frames: int,
    seconds: float,
    workers: int | None,
    store: str,
    folder: Path | None,
    tmpfs: bool,
    as_json: bool,
) -> None:
    here = place(folder, tmpfs)
    with prepared(links) as line:
        result = run(links, frames, seconds, folder=here, store=store, workers=workers, line=line)
    show(context, result, as_json)
