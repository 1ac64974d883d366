"""``python -m bench alerts-live``: alerts beside the whole load, from frame to alarm.

36,000 links report at 1,200 frames a second; a small share of their values is over a limit. Beside
them some stations break a limit once each: how long until the registry has the alarm, and until it
belongs to an incident. Then the same load with alerts switched off, in turn, so that what they
cost is a difference between neighbours. Test: tests/bench/test_bench_alerts_live.py.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import click
import msgspec

from bench.alerts_probes import FACTOR, LIMIT, RULE, Probes, Seen
from bench.generator import Generator, Outcome
from bench.load_command import prepared, show
from bench.rig import Rig, place, place_options
from bench.statusline import StatusLine
from store.registry.alert_records import RuleRecord
from store.registry.open import open_registry

OPEN_PER_S = 4000.0
PROBES_PER_S = 2.0
FIRST_S = 120.0
SHARE_RULE, SHARE_ABOVE = "bench-share", 88.9  # of the load some values in ten thousand
SETTLE_S = 90.0
_RULES = {
    RULE: {"high": LIMIT, "in_a_row": 1, "group": False, "wait_s": 0},
    SHARE_RULE: {"high": SHARE_ABOVE, "in_a_row": 1},
}


class Side(msgspec.Struct):
    """One run: the load's answers, and what the processes cost as shares of a core."""

    ack_ms: dict[str, float]
    cpu: dict[str, float]
    problems: list[str]
    alerts: dict[str, Any] = {}
    seen: list[Seen] = []


def run(
    links: int,
    rate: float,
    seconds: float,
    rounds: int,
    *,
    folder: Path,
    line: StatusLine | None = None,
) -> dict[str, Any]:
    """Pairs of runs, on and off; the result as it goes into JSON."""
    on: list[Side] = []
    off: list[Side] = []
    for number in range(rounds):
        for sides, switched in ((on, True), (off, False)):
            if line is not None:
                line.show(f"round {number + 1}, alerts {'on' if switched else 'off'}")
            sides.append(_side(links, rate, seconds, switched, folder))
    seen = [one for side in on for one in side.seen]
    problems = [text for side in (*on, *off) for text in side.problems]
    return {
        "passed": not problems,
        "problems": problems,
        "links": links,
        "rate": rate,
        "seconds": seconds,
        "rounds": rounds,
        "probes": len(seen),
        "to_alarm_s": _delays([one.alarm - one.sent for one in seen if one.alarm]),
        "to_incident_s": _delays([one.incident - one.sent for one in seen if one.incident]),
        "thread_share": _median([side.alerts["share"] for side in on]),
        "first_cpu_s": max(side.alerts["first_cpu_s"] for side in on),
        "raised": sum(side.alerts["raised"] for side in on),
        "evaluated_frames": sum(side.alerts["frames"] for side in on),
        "lag_at_end_s": max(side.alerts["lag_s"] for side in on),
        "ack_ms": {
            name: {share: _median([side.ack_ms[share] for side in sides]) for share in _SHARES}
            for name, sides in (("on", on), ("off", off))
        },
        "cpu": {
            name: {role: _median([side.cpu[role] for side in sides]) for role in sides[0].cpu}
            for name, sides in (("on", on), ("off", off))
        },
        "hub_more": _median(
            [one.cpu["hub"] - other.cpu["hub"] for one, other in zip(on, off, strict=True)]
        ),
    }


_SHARES = ("p50", "p99")


def _side(links: int, rate: float, seconds: float, switched: bool, folder: Path) -> Side:
    config = f"[alerts]\non = {'true' if switched else 'false'}\n"
    probes = max(4, round(seconds * PROBES_PER_S))
    with Rig(
        links + probes, folder=folder, idle_s=max(300.0, 3 * links / rate), more=config
    ) as rig:
        if switched:
            _set_rules(rig.daemon.data)
        with (
            Generator(
                rig.host,
                rig.port,
                links,
                "rate",
                rate=rate,
                seconds=seconds,
                open_per_s=OPEN_PER_S,
                greet=True,
            ) as generator,
            Probes(rig.host, rig.port, probes, rig.daemon.data / "registry.db") as watched,
        ):
            return _loaded(rig, generator, watched, seconds, switched)


def _set_rules(data: Path) -> None:
    """As a command without a daemon does it; the hub sees what others write into its registry."""
    registry = open_registry(f"sqlite:///{data / 'registry.db'}", data / "registry.key")
    for key, params in _RULES.items():
        figures = {"by": "value", "period": "realtime", "clear_in_a_row": 1, **params}
        rule = RuleRecord(
            key=key, kind="over_limit", severity="notice", factors=[FACTOR], params=figures
        )
        registry.rules.put(rule, "bench")
    registry.close()


def _loaded(
    rig: Rig, generator: Generator, probes: Probes, seconds: float, switched: bool
) -> Side:
    opened = generator.open()
    rig.wait_stored(opened.greeted, 60)
    if switched:
        rig.wait_judged(opened.greeted, FIRST_S)
    before, status = rig.costs(), _alerts(rig)
    generator.go()
    if switched:
        probes.go(seconds)
    while not generator.wait(1.0):
        pass
    after, alerts = rig.costs(), _alerts(rig)
    outcome = generator.outcome(1)
    side = Side(
        {share: outcome.latency.summary_ms()[share] for share in _SHARES},
        {
            role: round((after[role].cpu_s - before[role].cpu_s) / outcome.ran_s, 4)
            for role in sorted(after)
            if role in before
        },
        outcome.problems(),
    )
    if switched:
        side.problems += _settled(rig, probes, outcome)
        spent = alerts["cpu_seconds_total"] - status["cpu_seconds_total"]
        ended = _alerts(rig)
        side.alerts = {
            "share": spent / outcome.ran_s,
            "first_cpu_s": status["cpu_seconds_total"],
            "frames": ended["frames_total"],
            "raised": ended["raised_total"],
            "lag_s": ended["lag_seconds"],
        }
        side.seen = [*probes.seen.values()]
    return side


def _settled(rig: Rig, probes: Probes, outcome: Outcome) -> list[str]:
    """Wait until all is judged and every probe has its incident; what did not come to that."""
    found = []
    if not probes.wait(SETTLE_S):
        missing = sum(not one.incident for one in probes.seen.values())
        found.append(f"{missing} stations over the limit without an incident")
    probes.end()
    wanted = outcome["acked"]
    end = time.monotonic() + SETTLE_S
    while _alerts(rig).get("frames_total", 0) < wanted and time.monotonic() < end:
        time.sleep(0.1)
    judged = _alerts(rig)
    if judged.get("frames_total", 0) < wanted:
        found.append(f"{judged.get('frames_total')} of {wanted} frames were judged")
    if judged.get("faults_total"):
        found.append(f"{judged['faults_total']} faults of alerts: {judged.get('faults')}")
    return found


def _alerts(rig: Rig) -> dict[str, Any]:
    found: dict[str, Any] = rig.status().get("alerts", {})
    return found


def _delays(seconds: Sequence[float]) -> dict[str, float]:
    ranked = sorted(seconds)
    if not ranked:
        return {}
    last = len(ranked) - 1
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    return {name: round(ranked[round(last * share)], 3) for name, share in shares.items()}


def _median(figures: Sequence[float]) -> float:
    return round(median(figures), 4)


@click.command(help="Delay from frame to alarm, and what alerts cost, beside a load.")
@click.option("--links", default=2000, show_default=True)
@click.option("--rate", default=1200.0, show_default=True, help="Frames a second, all links.")
@click.option("--seconds", default=30.0, show_default=True, help="Of each run.")
@click.option("--rounds", default=1, show_default=True, help="Pairs of runs, on and off.")
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_context
def main(
    context: click.Context,
    links: int,
    rate: float,
    seconds: float,
    rounds: int,
    folder: Path | None,
    tmpfs: bool,
    as_json: bool,
) -> None:
    here = place(folder, tmpfs)
    with prepared(links) as line:
        result = run(links, rate, seconds, rounds, folder=here, line=line)
    show(context, result, as_json)
