"""The benches of alerts: known faults, outages, and a whole load beside them. Only a table.

Test: tests/bench/test_report.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.alerts_score import FOR, JUDGED
from bench.entry import Entry, Figure
from bench.instruments.episodes import KINDS as EPISODES

SECTION = "Alerts"

_FAULTS = {
    "stuck": "a value that does not change",
    "spikes": "spikes of minutes",
    "step": "a step",
    "gain": "a gain that grows over days",
    "offset": "an offset that grows over days",
    "clock_jump": "a clock that jumped",
    "clock_slow": "a clock that loses 30 to 90 s an hour",
    "silent": "a station without power",
    "link": "a lost link, data come later",
    "device": "one analyser is off",
    "region": "power of a town",
    "bad_frames": "30 to 90 % of the frames broken",
}
_RULES = {
    "stuck": "stuck values",
    "swing": "swings",
    "drift": "drifts",
    "clock": "clocks",
    "offline": "silence",
    "bad_frames": "bad frames",
}


def _of_faults() -> Iterator[Figure]:
    for kind in FOR:
        at = ("faults", kind)
        yield Figure(f"{_FAULTS[kind]}: faults", (*at, "faults"))
        yield Figure(f"{_FAULTS[kind]}: recall", (*at, "recall"))
        yield Figure(f"{_FAULTS[kind]}: delay, median", (*at, "delay_median_s"), "min", scale=_M)
        yield Figure(f"{_FAULTS[kind]}: delay, 90 %", (*at, "delay_p90_s"), "min", scale=_M)


def _of_alarms() -> Iterator[Figure]:
    for kind in JUDGED:
        yield Figure(f"alarms of {_RULES[kind]}: precision", ("alarms", kind, "precision"))
    for kind in JUDGED:
        at = ("healthy", "by_kind", kind, "false_a_station_year")
        yield Figure(f"healthy instruments, false alarms of {_RULES[kind]}", at, _YEAR)


def _of_episodes() -> Iterator[Figure]:
    for kind in EPISODES:
        at = ("healthy", "episodes", kind)
        yield Figure(f"{kind}: stations that had it", (*at, "stations"))
        yield Figure(f"{kind}: alarms of faults there", (*at, "false_alarms"))


def _of_outage(key: str, what: str, must: float | None, aim: float | None) -> Iterator[Figure]:
    yield Figure(f"{what}: messages in all", (key, "messages"), "", must, aim)
    yield Figure(f"{what}: incidents", (key, "incidents"))
    yield Figure(f"{what}: people told", (key, "told"))
    for step in ("opened", "escalated", "reminder", "recovered"):
        yield Figure(f"{what}: messages, {step}", (key, "by_step", step))
    yield Figure(f"{what}: longest transaction of signals", (key, "take_ms", "longest"), "ms")
    yield Figure(f"{what}: longest transaction of a tick", (key, "tick_ms", "longest"), "ms")
    yield Figure(f"{what}: idle tick, median", (key, "tick_ms", "median"), "ms")
    yield Figure(f"{what}: memory above what was held", (key, "peak_mib"), "MiB")


_M = 1 / 60
_YEAR = "a station and year"

ALERTED = (
    Entry(
        "alerts",
        SECTION,
        "alerts",
        "alerts --stations 20 --days 4 --faults 2 --episodes 1",
        (
            *_of_faults(),
            *_of_alarms(),
            Figure(
                "healthy instruments, false alarms of all kinds",
                ("healthy", "false_a_station_year"),
                _YEAR,
            ),
            *_of_episodes(),
            Figure("values judged a second, one core", ("values_per_s",)),
        ),
        note="100 stations of a county (air, rivers, sewage, flue gas), real-time values each "
        "minute, 14 days, the product's own rules. Faults of known kind, place and time; a delay "
        "counts from the fault's beginning. *Recall*: share of the faults that were told of. "
        "*Precision*: share of the alarms at a fault of their kind; alarms that come of a fault "
        "of another kind at the same place, or of its end, are left out of it. *Healthy*: another "
        "county without faults, with haze, dust, ozone, plumes, fireworks and a pulse down a "
        "river; each alarm there is false. The detectors' figures were chosen on other seeds. "
        "Analysers of water repeat a result for hours, so their rule waits 36 h; some of the "
        "stuck ones here last less and are missed by that.",
        limit_s=1800.0,
    ),
    Entry(
        "alerts-outage",
        SECTION,
        "alerts-outage",
        "alerts-outage --stations 600 --region 100 --contacts 40 --hours 1.2",
        (
            *_of_outage("region", "5,000 of 36,000 silent for 3 h", 100, 30),
            *_of_outage("all", "all 36,000 silent for 3 h", None, None),
        ),
        note="Evaluator, deeds and a registry on SQLite on a driven clock, with 300 people: one "
        "of each city, a chief, owners of all stations. Each is told by text message and in the "
        "application, so that one step to one person is two messages.",
        limit_s=1800.0,
    ),
    Entry(
        "alerts-live",
        SECTION,
        "alerts-live --links 36000 --rate 1200 --seconds 60 --rounds 1",
        "alerts-live --links 500 --rate 200 --seconds 10",
        (
            Figure("frame sent to alarm in the registry, median", ("to_alarm_s", "p50"), "s"),
            Figure(
                "36,000 links, 1,200 frames/s: frame sent to alarm in the registry, 99 %",
                ("to_alarm_s", "p99"),
                "s",
                5,
                2,
            ),
            Figure("frame sent to incident, 99 %", ("to_incident_s", "p99"), "s"),
            Figure("thread of alerts, share of a core", ("thread_share",), "", 0.05, 0.02),
            Figure("hub with alerts, more of a core than without", ("hub_more",)),
            Figure(
                "processor time for the first frame of each of 36,000 stations",
                ("first_cpu_s",),
                "s",
            ),
            Figure("hub without alerts, share of a core", ("cpu", "off", "hub")),
            Figure("answer, 99 %, with alerts", ("ack_ms", "on", "p99"), "ms"),
            Figure("answer, 99 %, without", ("ack_ms", "off", "p99"), "ms"),
            Figure("behind at the end", ("lag_at_end_s",), "s"),
            Figure("alarms raised", ("raised",)),
        ),
        note="Pairs of runs, with alerts and without. Two stations a second break a limit once "
        "each; the registry's file is looked at each 10 ms. The hub looks at what arrived once a "
        "second ([alerts] look_every_s). Some values of the load are over a limit as well.",
        limit_s=1800.0,
    ),
)
