"""``python -m bench alerts``: how good alarms are, by kind, on a county with known faults.

Days of a simulated county go through the hub's evaluator on a driven clock, with the product's own
rules: once with faults and real pollution, once with pollution alone, where each alarm of a fault
is a false one. The detectors' figures were chosen on other seeds than the one that is published.
Signals only: incidents, grouping and messages are those of `bench alerts-outage`.
Test: tests/bench/test_bench_alerts.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import numpy as np

from alerts.rules.book import Rule, rules_in_force
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from bench import alerts_days, alerts_score
from bench.alerts_days import County, Day, arrival_us, arriving, make
from bench.alerts_ground import ground
from bench.instruments.curves import DAY_S
from bench.statusline import StatusLine
from hj212d.hub.alerts.check_gate import CheckGate
from hj212d.hub.alerts.checks import Checks
from hj212d.hub.alerts.evaluator import Evaluator
from hj212d.hub.alerts.link_book import LinkEvent

PUBLISHED_SEED = 2026
STEP_S = 60
CALM_DAYS = 2.0
_US = 1_000_000


def run(
    stations: int,
    days: int,
    seed: int,
    *,
    each_fault: int,
    each_episode: int,
    calm_days: float = CALM_DAYS,
    step_s: int = STEP_S,
    show: Callable[[str], object] = lambda _: None,
) -> dict[str, Any]:
    """Both passes; the result as it goes into JSON."""
    labelled = make(
        stations, days, seed, each_fault=each_fault, each_episode=each_episode, calm_days=calm_days
    )
    county, told, took = labelled, *evaluated(labelled, show, step_s)
    verdicts = alerts_score.judged(told, county.faults, county.episodes)
    healthy = make(
        stations, days, seed + 1, each_fault=0, each_episode=each_episode, calm_days=calm_days
    )
    of_healthy, more = evaluated(healthy, show, step_s)
    calm = alerts_score.judged(of_healthy, [], healthy.episodes)
    outside = [one for one in calm if not one.episode]
    return {
        "stations": stations,
        "days": days,
        "seed": seed,
        "published_seed": seed == PUBLISHED_SEED,
        "faults": alerts_score.of_faults(told, county.faults),
        "alarms": alerts_score.of_alarms(verdicts, county.station_years),
        "episodes": alerts_score.in_episodes(verdicts, county.episodes),
        "healthy": {
            "station_years": round(healthy.station_years, 2),
            "false_a_station_year": round(len(calm) / healthy.station_years, 2),
            "false_outside_episodes": len(outside),
            "by_kind": alerts_score.of_alarms(calm, healthy.station_years),
            "episodes": alerts_score.in_episodes(calm, healthy.episodes),
        },
        "values": took["values"] + more["values"],
        "evaluator_s": round(took["evaluator_s"] + more["evaluator_s"], 1),
        "values_per_s": round(
            (took["values"] + more["values"]) / (took["evaluator_s"] + more["evaluator_s"])
        ),
    }


def evaluated(
    county: County, show: Callable[[str], object] = lambda _: None, step_s: int = STEP_S
) -> tuple[list[alerts_score.Alarm], dict[str, Any]]:
    """The alarms of a county's days, and what evaluating cost."""
    signals, cost = signals_of(county, show, step_s)
    return alerts_score.alarms(signals), cost


def signals_of(
    county: County, show: Callable[[str], object] = lambda _: None, step_s: int = STEP_S
) -> tuple[list[Signal], dict[str, Any]]:
    """What the evaluator tells of a county's days."""
    rules = rules_in_force([])
    hub = _Hub(Evaluator(rules, ground(county), AlertsSettings()), rules, int(county.start * _US))
    signals: list[Signal] = []
    values = 0
    spent = 0.0
    for number, day in enumerate(arriving(county)):
        values += day.samples.num_rows
        begun = time.perf_counter()
        for now_us, part in _steps(day, county.start + number * DAY_S, step_s):
            signals += hub.step(part, now_us)
        spent += time.perf_counter() - begun
        show(f"day {number + 1} of {county.days}, {len(signals)} signals")
    return signals, {"values": values, "evaluator_s": spent}


class _Hub:
    """The evaluator, and the check each half hour for the rules that wait for it."""

    def __init__(self, evaluator: Evaluator, rules: Sequence[Rule], up_since_us: int) -> None:
        settings = AlertsSettings()
        self._evaluator = evaluator
        self._up_since_us = up_since_us
        self._every_minutes = settings.check_minutes
        self._checked = {one.key: settings.check_in_a_row for one in rules if one.way == "check"}
        self._gate, self._checks = CheckGate(), Checks()
        self._links: dict[str, int] = {}

    def step(self, part: Day, now_us: int) -> list[Signal]:
        """What arrived, and the look at the clock behind it."""
        evaluator = self._evaluator
        evaluator.links([self._event(one) for one in part.links])
        signals = [*evaluator.observe(part.frames, part.samples, now_us)]
        signals += evaluator.tick(now_us, self._up_since_us)
        passed = self._gate.passing(signals, self._checked)
        slot = self._checks.due(now_us, self._every_minutes)
        if slot is not None:
            passed += self._checks.found(slot, self._gate.findings(), self._checked, now_us)
        return passed

    def _event(self, one: alerts_days.LinkEvent) -> LinkEvent:
        """Each link that comes up has a number of its own."""
        at_us = int(one.at * _US)
        if one.up:
            self._links[one.mn] = at_us << 8 | one.link % 256
        return LinkEvent(one.mn, self._links[one.mn], "up" if one.up else "down", at_us)


def _steps(day: Day, begin: float, step_s: int) -> Iterator[tuple[int, Day]]:
    """What arrived in each step of a day, and the moment behind it."""
    ends = (begin + np.arange(step_s, DAY_S + 1, step_s)) * _US
    frames = np.searchsorted(arrival_us(day.frames), ends)
    samples = np.searchsorted(arrival_us(day.samples), ends)
    first = (0, 0)
    for end, *upto in zip(ends, frames, samples, strict=True):
        links = [one for one in day.links if end - step_s * _US <= one.at * _US < end]
        yield (
            int(end),
            Day(
                day.frames.slice(first[0], upto[0] - first[0]),
                day.samples.slice(first[1], upto[1] - first[1]),
                links,
            ),
        )
        first = (int(upto[0]), int(upto[1]))


@click.command()
@click.option("--stations", default=100, show_default=True)
@click.option("--days", default=14, show_default=True, type=click.IntRange(3, 60))
@click.option("--seed", default=PUBLISHED_SEED, show_default=True)
@click.option("--faults", default=12, show_default=True, help="Of each kind.")
@click.option("--episodes", default=3, show_default=True, help="Of each kind.")
@click.option("--missed", is_flag=True, help="Show what was missed and what was false.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def main(
    stations: int,
    days: int,
    seed: int,
    faults: int,
    episodes: int,
    missed: bool,
    as_json: bool,
) -> None:
    """Precision, recall and delay of alarms on labelled faults."""
    if missed:
        _explain(make(stations, days, seed, each_fault=faults, each_episode=episodes))
        return
    with StatusLine() as line:
        found = run(stations, days, seed, each_fault=faults, each_episode=episodes, show=line.show)
    click.echo(json.dumps(found) if as_json else _table(found))


def _table(found: dict[str, Any]) -> str:
    lines = ["fault         of  told  recall  delay median   90 %"]
    for kind, row in found["faults"].items():
        delays = (row["delay_median_s"], row["delay_p90_s"])
        shown = "  ".join("-" if each is None else f"{each / 60:8.1f} min" for each in delays)
        lines.append(f"{kind:12} {row['faults']:3} {row['told']:5}  {row['recall']:6.2f}  {shown}")
    lines += ["", "rule        alarms right  side false  precision  in episodes  false, healthy"]
    for kind, row in found["alarms"].items():
        healthy = found["healthy"]["by_kind"][kind]
        precision = "-" if row["precision"] is None else f"{row['precision']:.2f}"
        lines.append(
            f"{kind:12} {row['alarms']:5} {row['right']:5} {row['side']:5} {row['false']:5}"
            f"  {precision:>9}  {row['false_in_episodes']:11}  {healthy['false']:14}"
        )
    lines += [
        "",
        f"healthy: {found['healthy']['false_a_station_year']} false alarms a station and year, "
        f"{found['healthy']['false_outside_episodes']} outside of episodes",
        f"{found['values']:,} values, {found['values_per_s']:,} a second",
    ]
    return "\n".join(lines)


def _explain(county: County) -> None:
    """Each fault that nobody told of, and each false alarm, a line."""
    told, _ = evaluated(county)
    kinds = {one.mn: one.kind for one in county.stations}
    for label in county.faults:
        if not any(alerts_score.fits(alarm, label) for alarm in told):
            click.echo(
                f"missed {label.kind:10} {kinds[label.mn]:7} {label.mn:24} {label.factor:8} "
                f"{_at(label.start)} to {_at(label.end)} size {label.size:.2f}"
            )
    for one in alerts_score.judged(told, county.faults, county.episodes):
        if one.word == "false":
            alarm = one.alarm
            click.echo(
                f"false  {alarm.kind:10} {kinds[alarm.mn]:7} {alarm.mn:24} {alarm.factor:8} "
                f"{_at(alarm.seen)} {one.episode}"
            )


def _at(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%m-%d %H:%M")
