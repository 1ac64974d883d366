"""How good alarms are: laid beside the faults that really were, and the episodes that were none.

An alarm is right when a fault that its kind is for was there, at its station and factor; it is a
side effect when another fault was there or has just gone (a value that comes unstuck jumps); else
it is false. Alarms about limits are not judged here: pollution is no fault.
Test: tests/bench/test_alerts_score.py.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

import msgspec

from alerts.signals import Signal
from bench.instruments.episodes import Episode
from bench.instruments.faults import Fault, FaultKind

# Which kinds of rules a fault is for.
FOR: Mapping[FaultKind, tuple[str, ...]] = {
    "stuck": ("stuck",),
    "spikes": ("swing",),
    "step": ("swing", "drift"),
    "gain": ("drift", "swing"),
    "offset": ("drift", "swing"),
    "clock_jump": ("clock",),
    "clock_slow": ("clock",),
    "silent": ("offline",),
    "link": ("offline",),
    "device": ("offline",),
    "region": ("offline",),
    "bad_frames": ("bad_frames",),
}
JUDGED = tuple(dict.fromkeys(kind for kinds in FOR.values() for kind in kinds))
_AFTER_S = 2 * 3600.0  # so long after its end a fault has side effects
_AFTER_LONG_S = 3 * 86_400.0  # one of days: what was normal for so long ends with it
_LONG_S = 86_400.0
_COMING_S = 3600.0  # an alarm may begin before its fault is over and be seen this much later


class Alarm(msgspec.Struct):
    """From when to when it was told, UTC seconds; ``ended`` inf: it still is."""

    rule: str
    kind: str
    mn: str
    factor: str
    seen: float
    ended: float = math.inf


def alarms(signals: Iterable[Signal]) -> list[Alarm]:
    """Those that signals tell of, in their order; repeated ones once."""
    found: dict[tuple[str, str, str, float], Alarm] = {}
    for one in signals:
        key = (one.rule, one.subject, one.factor, one.began.timestamp())
        if one.what == "raised" and key not in found:
            seen = one.seen_at.timestamp()
            found[key] = Alarm(one.rule, one.kind, one.mn, one.factor, seen)
        elif one.what == "cleared" and key in found:
            found[key].ended = min(found[key].ended, one.seen_at.timestamp())
    return list(found.values())


class Verdict(msgspec.Struct):
    """Of one alarm: "right", "side" or "false"; ``episode``: a kind that was at its station."""

    alarm: Alarm
    word: str
    episode: str = ""


def judged(
    told: Sequence[Alarm], labels: Sequence[Fault], episodes: Sequence[Episode]
) -> list[Verdict]:
    """What each alarm of a judged kind is worth."""
    by_mn: dict[str, list[Fault]] = {}
    for label in labels:
        by_mn.setdefault(label.mn, []).append(label)
    return [
        _verdict(alarm, by_mn.get(alarm.mn, []), episodes)
        for alarm in told
        if alarm.kind in JUDGED
    ]


def _verdict(alarm: Alarm, labels: Sequence[Fault], episodes: Sequence[Episode]) -> Verdict:
    if any(fits(alarm, label) for label in labels):
        return Verdict(alarm, "right")
    if any(_near(alarm, label) for label in labels):
        return Verdict(alarm, "side")
    at = (one.kind for one in episodes if one.touches(alarm.mn, alarm.seen - 3600, alarm.seen))
    return Verdict(alarm, "false", next(at, ""))


def fits(alarm: Alarm, label: Fault) -> bool:
    """Whether an alarm tells of this fault."""
    return (
        alarm.kind in FOR[label.kind]
        and alarm.mn == label.mn
        and (not label.factor or alarm.factor in ("", label.factor))
        and label.start <= alarm.seen
        and alarm.seen <= label.end + _COMING_S
    )


def _near(alarm: Alarm, label: Fault) -> bool:
    """Whether it may come of this fault, though it is for others."""
    length = label.end - label.start
    after = _AFTER_LONG_S if length > _LONG_S else _AFTER_S + length
    same = not label.factor or not alarm.factor or alarm.factor == label.factor
    return same and label.start <= alarm.seen <= label.end + after


def of_faults(told: Sequence[Alarm], labels: Sequence[Fault]) -> dict[str, dict[str, Any]]:
    """By kind of fault: how many, how many were told of, and how late (seconds)."""
    found: dict[str, dict[str, Any]] = {}
    for kind in FOR:
        its = [label for label in labels if label.kind == kind]
        if not its:
            continue
        delays = []
        for label in its:
            seen = [alarm.seen for alarm in told if fits(alarm, label)]
            if seen:
                delays.append(min(seen) - label.start)
        found[kind] = {
            "faults": len(its),
            "told": len(delays),
            "recall": round(len(delays) / len(its), 3),
            **_delays(delays),
        }
    return found


def _delays(delays: Sequence[float]) -> dict[str, float | None]:
    if not delays:
        return {"delay_median_s": None, "delay_p90_s": None}
    ranked = sorted(delays)
    return {
        "delay_median_s": round(median(ranked)),
        "delay_p90_s": round(ranked[math.ceil(0.9 * len(ranked)) - 1]),
    }


def of_alarms(
    verdicts: Sequence[Verdict], station_years: float
) -> dict[str, dict[str, float | None]]:
    """By kind of rule: alarms, how many right, precision (side effects left out), false ones a
    year of a station, and how many of them fell into episodes."""
    found: dict[str, dict[str, float | None]] = {}
    for kind in JUDGED:
        its = [one for one in verdicts if one.alarm.kind == kind]
        words = Counter(one.word for one in its)
        right, false = words["right"], words["false"]
        found[kind] = {
            "alarms": len(its),
            "right": right,
            "side": words["side"],
            "false": false,
            "precision": round(right / (right + false), 3) if right + false else None,
            "false_a_station_year": round(false / station_years, 2),
            "false_in_episodes": sum(one.word == "false" and bool(one.episode) for one in its),
        }
    return found


def in_episodes(verdicts: Sequence[Verdict], episodes: Sequence[Episode]) -> dict[str, Any]:
    """By kind of episode: how many, at how many stations, and how many false alarms fell there."""
    false = Counter(one.episode for one in verdicts if one.word == "false")
    kinds = dict.fromkeys(one.kind for one in episodes)
    return {
        kind: {
            "episodes": sum(one.kind == kind for one in episodes),
            "stations": sum(len(one.arrives) for one in episodes if one.kind == kind),
            "false_alarms": false[kind],
        }
        for kind in kinds
    }
