"""Bad weather, the links: a listener dies, frames come broken, one link floods.

The command is bench/weather.py.
Test: tests/system/test_weather.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from bench import limits
from bench.backing import backing
from bench.daemon import DaemonError
from bench.generator import Generator, Outcome
from bench.reckoning import Reckoning, reckon
from bench.rig import Rig

OPEN_PER_S = 3000.0
LOOK_S = 0.5
SETTLE_S = 60.0  # for the store, at the end
FLOOD_SOURCE = 200  # 127.0.0.200
ALLOWANCE_S = 2.0  # what an address has to its credit at first, and what is under way
AFTER_KILL_S = 20.0
BAD_SHARE = 0.05  # each of two kinds
# The others may notice: more than so much later, and more than so many times, is too much.
HARM_MS, HARM_TIMES = 50.0, 5.0

Show = Callable[[str], None]


class Plan(msgspec.Struct, frozen=True):
    """``rate``: good frames a second over all links, for ``seconds``. ``flood_per_s``: what the
    flooding link would send; ``address_bytes_per_s``: what its address may."""

    links: int = 2000
    rate: float = 1000.0
    seconds: float = 15.0
    flood_per_s: float = 100_000.0
    address_bytes_per_s: float = 2_000_000.0


def worker_killed(plan: Plan, folder: Path, show: Show) -> dict[str, Any]:
    """kill -9 to one listener: its links come back and are answered, the others notice nothing."""
    limits.check(plan.links)
    interval_s = plan.links / plan.rate
    began = time.time()
    rig = Rig(plan.links, folder=folder, idle_s=max(300.0, 3 * interval_s))
    rig = rig if rig.workers > 1 else Rig(plan.links, folder=folder, workers=2)
    with rig:
        with _load(rig, plan, interval_s + 2 + AFTER_KILL_S, come_back=True) as generator:
            generator.open()
            start = generator.go()
            while time.monotonic() < start + interval_s + 2:
                generator.wait(LOOK_S)
                show(f"{rig.status().get('links')} links in fair weather")
            victim = max(rig.status()["workers"], key=lambda each: each["links"])
            rig.daemon.kill(next(p for p in rig.processes("worker") if p.pid == victim["pid"]))
            killed = time.monotonic()
            while not generator.wait(LOOK_S):
                show(f"{rig.status().get('links')} links after kill -9 of a listener")
            seen = generator.outcome(1)
        problems, reckoned = _end(rig, [seen], began)
    back_s = seen.last_return_ns / 1e9 - killed
    own = victim["links"]
    if not 0 < seen["lost"] <= own:
        problems.append(f"{seen['lost']} links lost, {own} were on the listener that was killed")
    if seen["returned"] != plan.links:
        problems.append(f"{plan.links - seen['returned']} links were not answered again")
    problems += [f"{seen[name]} {name}" for name in ("wrong", "doubled", "refused") if seen[name]]
    second = int(killed - start)
    slowest = seen.by_second["slowest_us_by_s"]
    return {
        "passed": not problems,
        "problems": problems,
        "plan": msgspec.to_builtins(plan),
        "workers": rig.workers,
        "links_of_the_killed": own,
        "links_lost": seen["lost"],
        "connecting_again": seen["retries"],
        "all_answered_again_s": round(back_s, 2),
        "ack_ms": seen.latency.summary_ms(),
        "slowest_of_a_second_ms": {
            "before": round(median(slowest[1:second]) / 1e3, 1),
            "after": [round(each / 1e3, 1) for each in slowest[second : second + 5]],
        },
        "unanswered_in_flight": seen["unanswered"],
        **reckoned.as_dict(),
    }


def bad_frames(plan: Plan, folder: Path, show: Show) -> dict[str, Any]:
    """A tenth of all frames come behind a bad one: good ones are answered and stored as in a clean
    run, bad ones stand in quarantine with their reasons."""
    limits.check(plan.links)
    began = time.time()
    with Rig(plan.links, folder=folder) as rig:
        clean = _run(rig, plan, show, "clean", data_start_s=_hours_ago(25))
        bad = _run(rig, plan, show, "bad", bad_crc=BAD_SHARE, half=BAD_SHARE)
        rejected = rig.status().get("rejected", {})
        problems, reckoned = _end(rig, [clean, bad], began)
    problems += clean.problems() + bad.problems() + _harm(clean, bad)
    if reckoned.bad != bad["bad_sent"]:
        problems.append(f"{bad['bad_sent']} bad frames sent, {reckoned.bad} in quarantine")
    return {
        "passed": not problems,
        "problems": problems,
        "plan": msgspec.to_builtins(plan),
        "bad_sent": bad["bad_sent"],
        "rejected": rejected,
        "ack_ms": {"clean": clean.latency.summary_ms(), "bad": bad.latency.summary_ms()},
        **reckoned.as_dict(),
    }


def flood(plan: Plan, folder: Path, show: Show) -> dict[str, Any]:
    """One link sends as fast as it can from an address of its own: it is read no faster than
    link.address_bytes_per_s, and the others are answered as before."""
    limits.check(plan.links)
    began = time.time()
    with Rig(plan.links, folder=folder, address_bytes_per_s=plan.address_bytes_per_s) as rig:
        clean = _run(rig, plan, show, "clean", data_start_s=_hours_ago(25))
        flooded = _run(
            rig, plan, show, "flood", flood_per_s=plan.flood_per_s, flood_source=FLOOD_SOURCE,
            data_start_s=_hours_ago(24),
        )  # fmt: skip
        problems, reckoned = _end(rig, [clean, flooded], began)
    problems += clean.problems() + flooded.problems() + _harm(clean, flooded)
    flood_bytes = flooded["flood_acked"] * flooded["frame_bytes"]
    if flood_bytes > plan.address_bytes_per_s * (flooded.ran_s + ALLOWANCE_S):
        problems.append(f"{flood_bytes} bytes of the flood were read in {flooded.ran_s:.1f} s")
    if not flooded["flood_acked"]:
        problems.append("nothing of the flood was answered")
    return {
        "passed": not problems,
        "problems": problems,
        "plan": msgspec.to_builtins(plan),
        "flood_bytes_per_s": round(flood_bytes / flooded.ran_s),
        "flood_frames_per_s": round(flooded["flood_acked"] / flooded.ran_s),
        "ack_ms": {"clean": clean.latency.summary_ms(), "flood": flooded.latency.summary_ms()},
        **reckoned.as_dict(),
    }


def _hours_ago(hours: int) -> int:
    """UTC seconds: two runs on the same devices must not tell of the same second."""
    return int(time.time()) - hours * 3600


def _load(rig: Rig, plan: Plan, seconds: float, **settings: float) -> Generator:
    return Generator(
        rig.host, rig.port, plan.links, "rate", cpus=None,
        rate=plan.rate, seconds=seconds, open_per_s=OPEN_PER_S, greet=True, **settings,
    )  # fmt: skip


def _run(rig: Rig, plan: Plan, show: Show, what: str, **settings: float) -> Outcome:
    with _load(rig, plan, plan.seconds, **settings) as generator:
        generator.open()
        generator.go()
        while not generator.wait(LOOK_S):
            show(f"{what}: {rig.status().get('acked_total')} frames acknowledged so far")
        return generator.outcome(1)


def _end(rig: Rig, seen: list[Outcome], began: float) -> tuple[list[str], Reckoning]:
    """End the daemon, and count what is in its store."""
    rig.wait_stored(sum(each["acked"] + each["flood_acked"] for each in seen), SETTLE_S)
    problems = []
    try:
        status = rig.daemon.terminate()
        if status:
            problems.append(f"serve ended with {status}")
    except DaemonError as error:
        problems.append(str(error))
    reckoned = reckon(backing("duckdb", rig.daemon.data).url, seen, began, time.time())
    return problems + reckoned.problems, reckoned


def _harm(clean: Outcome, other: Outcome) -> list[str]:
    before, after = clean.latency.percentile_ms(99), other.latency.percentile_ms(99)
    if after > before + HARM_MS and after > HARM_TIMES * before:
        return [f"99 % of answers within {after:.1f} ms instead of {before:.1f}"]
    return []
