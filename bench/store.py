"""``python -m bench store``: what a store takes in, how much room it needs, how fast it answers.

Each engine in turn: (a) commits of frames and their samples beside the engine's own bulk load of
the same Arrow tables in the same run; (b) days of minute data of a county through large commits,
tidied, and bytes per value; (c) queries of one station and factor while a writer commits a batch
each second. No daemon, no network. Test: tests/bench/test_bench_store.py.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import click

from bench.minutes import FACTORS, Minutes, mn
from bench.store_engines import ENGINES, Engine
from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import AggregateQuery, SampleQuery, TimeSeriesStore

START = datetime(2026, 5, 31, 16)  # midnight in Beijing
DAY = timedelta(days=1)

FRAMES_AT_ONCE = 100_000
_LINKS = 36_000
_FILL_FRAMES = 50_000
_LIVE_STATIONS = 1200  # frames of the writer each second, of stations elsewhere
_ELSEWHERE = 10_000_000
_ASKED = 12  # stations for each query


def run(
    make: type[Engine],
    folder: Path,
    *,
    stations: int = 20,
    days: int = 30,
    batches: int = 3,
    frames: int = FRAMES_AT_ONCE,
) -> dict[str, Any]:
    """All three parts in new stores in ``folder``."""
    for name in ("commits", "county"):
        (folder / name).mkdir()
    engine = make(folder / "commits")
    with _opened(engine) as store:
        commits = measure_commits(engine, store, batches=batches, frames=frames)
    engine = make(folder / "county")
    county = Minutes(START, stations)
    with _opened(engine) as store:
        fill = measure_fill(store, county, days)
        engine.settle(store)
    sizes = engine.sizes()
    fill["bytes_per_value"] = round(sizes["samples"] / fill["values"], 2)
    fill["frame_bytes_per_value"] = round(sizes["frames"] / fill["values"], 2)
    with _opened(engine) as store, _writing(store, county.now) as taken:
        queries = measure_queries(store, stations, county.now, days)
    return {
        "engine": make.version,
        "stations": stations,
        "days": days,
        "commits": commits,
        "fill": fill,
        "queries": queries,
        "commit_beside_ms": _spread(taken),
    }


def measure_commits(
    engine: Engine, store: TimeSeriesStore, *, batches: int, frames: int
) -> dict[str, Any]:
    """Samples a second of commit and of bulk load, in turn, both to their final place on disk.

    The first batch meets an empty store and new names, and is told apart.
    """
    fleet = Minutes(START, min(frames, _LINKS))
    store.totals()
    minutes = max(1, round(frames / fleet.stations))
    seconds, bare = [], []
    for _ in range(batches):
        batch = fleet.batch(minutes)
        began = time.perf_counter()
        store.commit(batch)
        engine.settle(store)
        committed = time.perf_counter()
        engine.load(batch.frames, batch.samples)
        seconds.append(committed - began)
        bare.append(time.perf_counter() - committed)
    values = batch.samples.num_rows
    ratios = [other / own for own, other in zip(seconds, bare, strict=True)]
    return {
        "frames": batch.frames.num_rows,
        "values": values,
        "batches": batches,
        "values_per_s": round(values / median(seconds)),
        "bulk_values_per_s": round(values / median(bare)),
        "ratio": round(median(ratios), 2),
        "first_ratio": round(ratios[0], 2),
    }


def measure_fill(store: TimeSeriesStore, county: Minutes, days: int) -> dict[str, Any]:
    """Days of minute data, tidied after each day as a running hub would."""
    at_once = max(1, _FILL_FRAMES // county.stations)
    values, committing, tidying, longest = 0, 0.0, 0.0, 0.0
    for _ in range(days):
        for batch in county.batches(1440, at_once=at_once):
            began = time.perf_counter()
            store.commit(batch)
            committing += time.perf_counter() - began
            values += batch.samples.num_rows
        more = True
        while more:
            began = time.perf_counter()
            more = store.tidy(county.now + timedelta(hours=3))
            longest = max(longest, time.perf_counter() - began)
            tidying += time.perf_counter() - began
    return {
        "values": values,
        "commit_values_per_s": round(values / committing),
        "tidy_values_per_s": round(values / tidying),
        "longest_tidy_step_s": round(longest, 2),
    }


def measure_queries(
    store: TimeSeriesStore, stations: int, now: datetime, days: int
) -> dict[str, Any]:
    """Milliseconds of one station and factor: the first question of each kind after the store was
    opened ("cold": its own memory is empty, the system's is not), then others ("warm")."""
    chance = Random(stations)
    found = {}
    for name, span in (("24 h", DAY), (f"{days} days", days * DAY)):
        for kind in ("values", "hours"):
            taken = []
            for _ in range(_ASKED):
                station, factor = mn(chance.randrange(stations)), chance.choice(list(FACTORS))
                began = time.perf_counter()
                if kind == "values":
                    query = SampleQuery(station, factor, now - span, now, "minute")
                    rows = store.samples(query).num_rows
                else:
                    hourly = AggregateQuery(station, factor, "hour", now - span, now, "minute")
                    rows = store.aggregates(hourly).num_rows
                taken.append(1000 * (time.perf_counter() - began))
            found[f"{name}, {kind}"] = {
                "rows": rows,
                "cold_ms": round(taken[0], 1),
                **_spread(taken[1:]),
            }
    return found


@contextmanager
def _opened(engine: Engine) -> Iterator[TimeSeriesStore]:
    store = open_store(engine.url, StoreSettings())
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _writing(store: TimeSeriesStore, start: datetime) -> Iterator[list[float]]:
    """While the block runs, a batch of other stations is committed each second; milliseconds."""
    elsewhere = Minutes(start, _LIVE_STATIONS, first=_ELSEWHERE)
    taken: list[float] = []
    stop = threading.Event()
    first = threading.Event()

    def write() -> None:
        while not stop.is_set():
            batch = elsewhere.batch(1)
            began = time.perf_counter()
            store.commit(batch)
            taken.append(1000 * (time.perf_counter() - began))
            first.set()
            stop.wait(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        first.wait()
        yield taken
    finally:
        stop.set()
        writer.join()


def _spread(taken_ms: list[float]) -> dict[str, float]:
    return {"median_ms": round(median(taken_ms), 1), "worst_ms": round(max(taken_ms), 1)}


@click.command(help="Commit, room on disk and query times of a store, by engine.")
@click.option(
    "--engine", type=click.Choice([*ENGINES, "all"]), default="duckdb", show_default=True
)
@click.option("--stations", default=20, show_default=True, help="With 12 factors a minute each.")
@click.option("--days", default=30, show_default=True)
@click.option("--batches", default=3, show_default=True, help="Of 100,000 frames, for commits.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Disk to measure; default: the current folder's.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def main(
    engine: str, stations: int, days: int, batches: int, folder: Path | None, as_json: bool
) -> None:
    results = []
    for name in ENGINES if engine == "all" else [engine]:
        with tempfile.TemporaryDirectory(prefix="hj212d-store-", dir=folder or Path.cwd()) as here:
            results.append(
                run(ENGINES[name], Path(here), stations=stations, days=days, batches=batches)
            )
    if as_json:
        click.echo(json.dumps({"results": results}))
        return
    for result in results:
        click.echo("\n".join(_lines(result)))


def _lines(result: dict[str, Any]) -> Iterator[str]:
    commits, fill, beside = result["commits"], result["fill"], result["commit_beside_ms"]
    yield f"{result['engine']}, {result['stations']} stations, {result['days']} days"
    yield (
        f"commit     {commits['values_per_s']:,} values/s, bulk load "
        f"{commits['bulk_values_per_s']:,}: ratio {commits['ratio']} "
        f"(first batch {commits['first_ratio']})"
    )
    yield (
        f"fill       {fill['values']:,} values, {fill['commit_values_per_s']:,}/s committed, "
        f"{fill['tidy_values_per_s']:,}/s tidied, longest step {fill['longest_tidy_step_s']} s"
    )
    yield (
        f"disk       {fill['bytes_per_value']} bytes a value, "
        f"frames {fill['frame_bytes_per_value']} more"
    )
    for name, row in result["queries"].items():
        yield (
            f"query      {name}: {row['rows']} rows, median {row['median_ms']} ms, "
            f"worst {row['worst_ms']} ms, cold {row['cold_ms']} ms"
        )
    yield f"beside     a batch a second: {beside['median_ms']} ms, worst {beside['worst_ms']} ms"
