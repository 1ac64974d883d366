"""``python -m bench memory``: what a link takes while it is silent, and when it has spoken.

A link that only connected, one that has sent a frame, one that has sent several and is idle
again, and what is left when all have gone. Test: tests/bench/test_load_benches.py.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from bench.accounts import settle
from bench.generator import Generator
from bench.held import look
from bench.load_command import prepared, show
from bench.rig import Rig, place, place_options
from bench.statusline import StatusLine

OPEN_PER_S = 4000.0
FRAMES = 4  # of each link, in all
GONE_S = 30.0


def run(
    links: int,
    seconds: float,
    *,
    folder: Path,
    workers: int | None = None,
    line: StatusLine | None = None,
) -> dict[str, Any]:
    """Each link sends :data:`FRAMES` frames within ``seconds``; the result as JSON has it."""
    stages = {}
    with Rig(links, folder=folder, workers=workers) as rig:
        without = look(rig)
        with Generator(
            rig.host, rig.port, links, "rate",
            rate=FRAMES * links / seconds, seconds=seconds, open_per_s=OPEN_PER_S,
        ) as generator:  # fmt: skip
            opened = generator.open()
            _until_links(rig, opened.opened)
            stages["silent"] = look(rig)
            generator.go()
            generator.wait(seconds / FRAMES)
            stages["first_frame"] = look(rig)
            if line is not None:
                line.show(f"{opened.opened} links open, each sends {FRAMES} frames")
            seen = generator.outcome(seconds + 30)
            stages["idle"] = look(rig)
        ended = time.monotonic()
        _until_links(rig, 0)
        stages["gone"] = look(rig)
        account = settle(rig, seen, timeout_s=60, since=ended)
    return {
        "passed": not account.problems,
        "problems": account.problems,
        "links": links,
        "workers": rig.workers,
        "opened": opened.opened,
        "bytes_a_link": {name: each.a_link(without, links) for name, each in stages.items()},
        "rss_mb": {"without": without.rss_mb(), "idle": stages["idle"].rss_mb()},
        **account.as_dict(),
    }


def _until_links(rig: Rig, count: int) -> None:
    """Wait until the daemon counts so many links, which it does once a second."""
    end = time.monotonic() + GONE_S
    while rig.status().get("links") != count and time.monotonic() < end:
        time.sleep(0.1)


@click.command(help="Memory a link: silent, after a frame, idle, gone.")
@click.option("--links", default=2000, show_default=True)
@click.option("--seconds", default=20.0, show_default=True, help="Of sending.")
@click.option("--workers", type=int, help="Listener processes; default: as many as needed.")
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
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
    show(context, result, as_json, _table)


def _table(result: dict[str, Any]) -> None:
    click.echo(f"{result['links']} links, {result['workers']} listeners; bytes a link")
    rows = result["bytes_a_link"]
    columns = list(rows["idle"])
    click.echo("  ".join(f"{name:>16}" for name in ("links are", *columns)))
    for name, row in rows.items():
        click.echo("  ".join(f"{cell:>16}" for cell in (name, *row.values())))
