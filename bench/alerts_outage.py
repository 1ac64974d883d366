"""``python -m bench alerts-outage``: how many messages an outage makes, and what they cost.

Of 36,000 stations a city of 5,000 falls silent for three hours, then all of them: evaluator, deeds
and a registry on SQLite with 300 people in it, on a driven clock, as the hub calls them. Nothing
is sent; the outbox is counted. Test: tests/bench/test_bench_alerts_outage.py.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np
import pyarrow as pa

from alerts.incidents import deeds
from alerts.incidents.deeds import Terms
from alerts.notify.wording import render
from alerts.rules.book import rules_in_force
from alerts.settings import AlertsSettings
from bench.alerts_columns import US
from bench.alerts_province import EVERY_S, Bits, Province
from bench.statusline import StatusLine
from hj212d.hub.alerts.evaluator import Evaluator
from store.registry.open import Registry, open_registry
from store.timeseries import SAMPLES

START = datetime(2026, 11, 3, 1, 0, tzinfo=UTC)
OFFLINE_S = 900
PIECE = 5000  # signals of a transaction
_NOTHING = SAMPLES.empty_table()
_SLOW_TICK_S = 30  # between two looks at the clock while nothing is expected


def run(
    folder: Path,
    *,
    stations: int,
    region: int,
    contacts: int,
    hours: float,
    look_s: int = 1,
    show: Callable[[str], object] = lambda _: None,
) -> dict[str, Any]:
    """Both outages, each with a registry of its own."""
    province = Province(stations, region, contacts)
    of_region = np.arange(stations) < region
    everybody = np.ones(stations, bool)
    return {
        "stations": stations,
        "contacts": contacts,
        "hours": hours,
        "region": outage(folder / "region.db", province, of_region, hours, look_s, show),
        "all": outage(folder / "all.db", province, everybody, hours, look_s, show),
    }


def outage(
    path: Path,
    province: Province,
    silent: Bits,
    hours: float,
    look_s: int = 1,
    show: Callable[[str], object] = lambda _: None,
) -> dict[str, Any]:
    """These stations are silent for so long, and come back within a minute."""
    registry = open_registry(f"sqlite:///{path}", path.with_suffix(".key"))
    try:
        province.people(registry)
        driven = _Driven(registry, province, look_s)
        held_mib = _status_mib("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")
        nobody = np.zeros(len(silent), bool)
        driven.go(5 * 60, nobody)
        driven.go(hours * 3600, silent, show)
        driven.go(20 * 60, nobody, show)
        found = driven.found()
        found["silent"] = int(silent.sum())
        found["peak_mib"] = round(_status_mib("VmHWM") - held_mib)
    finally:
        registry.close()
    found["registry_mib"] = round(sum(one.stat().st_size for one in _files(path)) / 2**20, 1)
    return found


class _Driven:
    """The hub's turn of alerts on a clock of its own."""

    def __init__(self, registry: Registry, province: Province, look_s: int) -> None:
        self._look_s = look_s
        self._registry = registry
        self._province = province
        self._rules = rules_in_force([])
        self._by_key = {rule.key: rule for rule in self._rules}
        self._evaluator = Evaluator(self._rules, province.ground, AlertsSettings())
        self._now = START
        self._next: datetime | None = None
        self.signals = 0
        self.took: dict[str, list[float]] = {"evaluator": [], "take": [], "tick": []}

    def go(
        self, seconds: float, silent: Bits, show: Callable[[str], object] = lambda _: None
    ) -> None:
        """So long with these stations silent. Each ``look_s`` is looked at while something may
        happen: around the moment at which silence is noticed, and behind its end."""
        began = self._now
        speaking = ~silent
        while (since := (self._now - began).total_seconds()) < seconds:
            if since and since % EVERY_S == 0:
                self._minute(self._province.frames(self._now.timestamp() - EVERY_S, speaking))
            near = since < 300 or OFFLINE_S - 30 <= since < OFFLINE_S + 420
            self._now += timedelta(seconds=self._look_s)
            due = self._next is not None and self._now >= self._next
            if near or due or since % _SLOW_TICK_S == 0:
                self._tick()
            if since % 600 == 0:
                show(f"{self._now:%H:%M}, {self.signals} signals")

    def _minute(self, frames: pa.Table) -> None:
        """What arrived in the minute before."""
        begun = time.perf_counter()
        signals = self._evaluator.observe(frames, _NOTHING, int(self._now.timestamp()) * US)
        self.took["evaluator"].append(time.perf_counter() - begun)
        self._take(signals)

    def _tick(self) -> None:
        now_us = int(self._now.timestamp() * US)
        begun = time.perf_counter()
        signals = list(self._evaluator.tick(now_us, int(START.timestamp()) * US))
        self.took["evaluator"].append(time.perf_counter() - begun)
        self._take(signals)
        begun = time.perf_counter()
        self._next = deeds.tick(self._registry, self._terms()).next_at
        self.took["tick"].append(time.perf_counter() - begun)

    def _take(self, signals: list[Any]) -> None:
        self.signals += len(signals)
        for first in range(0, len(signals), PIECE):
            begun = time.perf_counter()
            deeds.take(self._registry, signals[first : first + PIECE], self._terms())
            self.took["take"].append(time.perf_counter() - begun)

    def _terms(self) -> Terms:
        return Terms(
            now=self._now,
            rules=self._by_key,
            settings=AlertsSettings(),
            places=self._province.places,
            render=render,
        )

    def found(self) -> dict[str, Any]:
        """What it came to."""
        registry = self._registry
        messages = registry.outbox.find(limit=1_000_000)
        incidents = registry.incidents.list(limit=100_000)
        steps = Counter(one.step.partition(":")[0] for one in messages)
        return {
            "signals": self.signals,
            "incidents": len(incidents),
            "alarms": sum(one.count for one in incidents),
            "recovered": sum(one.state in ("recovered", "closed") for one in incidents),
            "messages": len(messages),
            "told": len({one.contact_id for one in messages}),
            "by_step": dict(sorted(steps.items())),
            **{
                f"{name}_ms": {
                    "median": round(median(took) * 1000, 2),
                    "longest": round(max(took) * 1000, 1),
                    "sum_s": round(sum(took), 2),
                }
                for name, took in self.took.items()
                if took
            },
        }


def _files(path: Path) -> list[Path]:
    return [one for one in path.parent.iterdir() if one.name.startswith(path.name)]


def _status_mib(name: str) -> float:
    text = Path("/proc/self/status").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


@click.command()
@click.option("--stations", default=36_000, show_default=True)
@click.option("--region", default=5000, show_default=True, help="Stations of the city.")
@click.option("--contacts", default=300, show_default=True)
@click.option("--hours", default=3.1, show_default=True, help="Of silence.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def main(stations: int, region: int, contacts: int, hours: float, as_json: bool) -> None:
    """Messages and cost of the outage of a city, and of everything."""
    if not 0 < region < stations:
        raise click.UsageError("--region must be some of --stations")
    with StatusLine() as line, tempfile.TemporaryDirectory(prefix="outage-") as folder:
        found = run(
            Path(folder),
            stations=stations,
            region=region,
            contacts=contacts,
            hours=hours,
            show=line.show,
        )
    if as_json:
        click.echo(json.dumps(found))
        return
    for name in ("region", "all"):
        one = found[name]
        click.echo(
            f"{one['silent']:,} of {stations:,} silent for {hours} h: {one['signals']:,} signals, "
            f"{one['incidents']} incidents, {one['messages']} messages to {one['told']} people "
            f"{one['by_step']}; longest transaction {one['take_ms']['longest']} ms (signals), "
            f"{one['tick_ms']['longest']} ms (tick), {one['peak_mib']} MiB more"
        )
