"""``python -m bench steady``: how long answers take and what they cost, at a given rate.

Open loop: frames leave by a schedule whatever the daemon does, and a latency counts from the
moment on the schedule, so that a pause hides nothing. Listeners, hub and store all run; the
generator takes its part of the same processors. Test: tests/bench/test_load_benches.py.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
import msgspec

from bench.accounts import settle
from bench.generator import Generator, Outcome
from bench.load_command import prepared, show
from bench.procfs import Cost
from bench.rig import Rig, place, place_options
from bench.statusline import StatusLine

OPEN_PER_S = 4000.0
FIRST_S = 120.0
SAMPLE_S = 1.0


class Weather(msgspec.Struct, frozen=True):
    """What else comes: shares of frames behind one with a wrong CRC, or behind a half one; frames
    a second of one link that never waits for an answer."""

    bad_crc: float = 0.0
    half: float = 0.0
    flood_per_s: float = 0.0


FAIR = Weather()


class Lag(msgspec.Struct, frozen=True):
    """How far the store is behind the journal, at one moment of the run."""

    seconds: float
    bytes: int


def run(
    links: int,
    rate: float,
    seconds: float,
    *,
    folder: Path,
    store: str = "",
    workers: int | None = None,
    weather: Weather = FAIR,
    line: StatusLine | None = None,
) -> dict[str, Any]:
    """``rate`` frames a second over all links; the result as it goes into JSON."""
    interval_s = links / rate
    with (
        Rig(
            links, folder=folder, idle_s=max(300.0, 3 * interval_s), store=store, workers=workers
        ) as rig,
        Generator(
            rig.host,
            rig.port,
            links,
            "rate",
            rate=rate,
            seconds=seconds,
            open_per_s=OPEN_PER_S,
            greet=True,
            **msgspec.to_builtins(weather),
        ) as generator,
    ):
        opened = generator.open()
        rig.wait_stored(opened.greeted, 30)
        rig.wait_judged(opened.greeted, FIRST_S)
        before = rig.costs()
        generator.go()
        lags: list[Lag] = []
        while not generator.wait(SAMPLE_S):
            lags.append(_lag(rig))
            if line is not None:
                line.show(f"{len(lags)} s of {seconds:.0f}, lag {lags[-1].seconds:.1f} s")
            if len(lags) > seconds + 60:
                break
        after = rig.costs()
        ended = time.monotonic()
        seen = generator.outcome(1)
        account = settle(rig, seen, timeout_s=60 + seconds, since=ended)
    return {
        "passed": not account.problems,
        "problems": account.problems,
        "links": links,
        "rate": rate,
        "seconds": seconds,
        "workers": rig.workers,
        "store": store or "duckdb",
        **_measured(seen, before, after, lags),
        **account.as_dict(),
        "bad_sent": seen["bad_sent"],
    }


def _lag(rig: Rig) -> Lag:
    store = rig.status().get("store", {})
    return Lag(store.get("lag_seconds") or 0.0, store.get("lag_bytes") or 0)


def _measured(
    seen: Outcome, before: dict[str, Cost], after: dict[str, Cost], lags: list[Lag]
) -> dict[str, Any]:
    cpu = {
        role: round((after[role].cpu_s - before[role].cpu_s) / seen.ran_s, 4)
        for role in sorted(after)
        if role in before
    }
    slowest = sorted(seen.by_second["slowest_us_by_s"])
    return {
        "frames_per_s": round(seen.frames_per_s, 1),
        "ack_ms": seen.latency.summary_ms(),
        "slowest_of_a_second_ms": round(slowest[len(slowest) // 2] / 1000, 1),
        "generator_late_ms": seen.behind.summary_ms(),
        "generator_cpu": round(seen.cpu_s / seen.ran_s, 3),
        "cpu": {**cpu, "all": round(sum(cpu.values()), 4)},
        "rss_mb": {role: round(each.rss_bytes / 2**20, 1) for role, each in after.items()},
        "lag_seconds": {
            "greatest": max((lag.seconds for lag in lags), default=0.0),
            "last": lags[-1].seconds if lags else 0.0,
        },
        "lag_bytes_greatest": max((lag.bytes for lag in lags), default=0),
    }


@click.command(help="Open loop: latency of answers and CPU at a given rate.")
@click.option("--links", default=2000, show_default=True)
@click.option("--rate", default=1200.0, show_default=True, help="Frames a second, all links.")
@click.option("--seconds", default=30.0, show_default=True)
@click.option("--workers", type=int, help="Listener processes; default: as many as needed.")
@click.option("--store", default="", help="store.url; default: DuckDB in the data folder.")
@click.option("--bad-crc", default=0.0, help="Share of frames that a wrong CRC goes before.")
@click.option("--half", default=0.0, help="Share of frames that half a frame goes before.")
@click.option("--flood", default=0.0, help="Frames a second of one more link that never waits.")
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_context
def main(
    context: click.Context,
    links: int,
    rate: float,
    seconds: float,
    workers: int | None,
    store: str,
    bad_crc: float,
    half: float,
    flood: float,
    folder: Path | None,
    tmpfs: bool,
    as_json: bool,
) -> None:
    here = place(folder, tmpfs)
    with prepared(links) as line:
        result = run(
            links, rate, seconds, folder=here, store=store, workers=workers,
            weather=Weather(bad_crc, half, flood), line=line,
        )  # fmt: skip
    show(context, result, as_json)
