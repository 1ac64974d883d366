"""``python -m bench weather``: bad weather of a bounded kind, and a verdict on each.

The store is down, or dead from the start; a listener is killed; a tenth of all frames is bad; one
link floods. In each case what was acknowledged must be stored once. Exit status 1 when a promise
was broken. The cases: bench/weather_store.py, bench/weather_links.py.
Test: tests/system/test_weather.py.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bench import weather_links, weather_store
from bench.rig import place, place_options
from bench.statusline import StatusLine

CASES = ("store_down", "dead_store", "worker_killed", "bad_frames", "flood")
ENGINES = ("duckdb", "clickhouse-front")  # those that can be taken away


@click.command(help="Bad weather: the store is down, a listener dies, bad frames, a flood.")
@click.option("--case", "cases", multiple=True, type=click.Choice(CASES), help="Default: all.")
@click.option("--links", default=2000, show_default=True)
@click.option("--rate", default=1000.0, show_default=True, help="Good frames a second, all links.")
@click.option("--seconds", default=15.0, show_default=True, help="Of each run with traffic.")
@click.option("--down", default=30.0, show_default=True, help="Seconds without a store.")
@click.option(
    "--backlog",
    default=0,
    show_default=True,
    help="Frames that come before that, faster than real time: the queue of a long outage.",
)
@click.option("--fill-rate", default=15_000.0, show_default=True, help="Of the backlog.")
@click.option("--flood", default=100_000.0, show_default=True, help="Frames a second of the link.")
@click.option(
    "--address-bytes",
    default=2_000_000.0,
    show_default=True,
    help="link.address_bytes_per_s while it floods.",
)
@click.option("--store", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_context
def main(
    context: click.Context,
    cases: Sequence[str],
    links: int,
    rate: float,
    seconds: float,
    down: float,
    backlog: int,
    fill_rate: float,
    flood: float,
    address_bytes: float,
    store: str,
    folder: Path | None,
    tmpfs: bool,
    as_json: bool,
) -> None:
    here = place(folder, tmpfs)
    outage = weather_store.Plan(links, rate, down, backlog, fill_rate, store)
    traffic = weather_links.Plan(links, rate, seconds, flood, address_bytes)
    with StatusLine() as line:
        results = {case: run(case, outage, traffic, here, line) for case in cases or CASES}
    if as_json:
        click.echo(json.dumps(results))
    else:
        for case, result in results.items():
            click.echo(f"{case}: {'passed' if result['passed'] else 'FAILED'}")
            for name, value in result.items():
                click.echo(f"  {name:24} {value}")
    context.exit(0 if all(each["passed"] for each in results.values()) else 1)


def run(
    case: str,
    outage: weather_store.Plan,
    traffic: weather_links.Plan,
    folder: Path,
    line: StatusLine,
) -> dict[str, Any]:
    """One case; its result as it goes into JSON."""
    match case:
        case "store_down":
            return weather_store.store_down(outage, folder, line.show)
        case "dead_store":
            dead = weather_store.Plan(
                outage.links, outage.rate, outage.down_s, engine=outage.engine, dead=True
            )
            return weather_store.store_down(dead, folder, line.show)
        case "worker_killed":
            return weather_links.worker_killed(traffic, folder, line.show)
        case "bad_frames":
            return weather_links.bad_frames(traffic, folder, line.show)
        case "flood":
            return weather_links.flood(traffic, folder, line.show)
    raise ValueError(f"no such case: {case}")
