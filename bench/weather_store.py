"""Bad weather, the store: it is down for a while, or was never there. See bench/weather.py.

Test: tests/system/test_weather.py.
"""

from __future__ import annotations

import math
import tempfile
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
from bench.outages import Outage
from bench.procfs import peak_bytes
from bench.reckoning import reckon
from bench.rig import Rig

SAID_WITHIN_S = 60.0  # the status shows an outage by then, on a machine that does much else
LOOK_S = 0.5
CAUGHT_LAG_S = 3.0  # so far behind is the store at the most that has caught up
CATCH_UP_LIMIT_S = 1800.0
OPEN_PER_S = 3000.0
GAP_S = 60  # between the readings of the backlog and those of now

Show = Callable[[str], None]


class Plan(msgspec.Struct, frozen=True):
    """``rate``: frames a second over all links while the store is down for ``down_s``.

    ``backlog``: so many frames come before that, at ``fill_rate``, with the store down already:
    the queue of a long outage without its length. ``engine``: see bench/backing.py; ``dead``: the
    store is away before the daemon starts. ``fair_s``: fair weather before the outage, and after
    the store has caught up.
    """

    links: int = 2000
    rate: float = 1000.0
    down_s: float = 30.0
    backlog: int = 0
    fill_rate: float = 15_000.0
    engine: str = "duckdb"
    dead: bool = False
    fair_s: float = 5.0


class Look(msgspec.Struct, frozen=True):
    """One look at the daemon, by ``time.monotonic``."""

    at: float
    state: str
    lag_s: float
    lag_bytes: int
    hub_bytes: int  # its greatest so far


class _Run:
    """One outage on one rig."""

    def __init__(self, plan: Plan, rig: Rig, outage: Outage, show: Show) -> None:
        self.plan, self.rig, self.outage, self._show = plan, rig, outage, show
        self.looks: list[Look] = []
        self.seen: list[Outcome] = []
        self.down_at = self.up_at = self.caught_at = 0.0

    def go(self) -> None:
        """Bring the weather; everything measured is in the attributes then."""
        plan = self.plan
        if plan.dead:
            self.down_at = time.monotonic()
        elif plan.backlog:
            self._take_away()
        if plan.backlog:
            self._fill()
        seconds = plan.fair_s + plan.down_s + SAID_WITHIN_S + CATCH_UP_LIMIT_S
        with self._generator(rate=plan.rate, seconds=seconds, greet=True) as live:
            live.open()
            self.live_at = live.go()
            if not self.down_at:
                self._watch("fair", lambda: time.monotonic() > self.live_at + plan.fair_s)
                self._take_away()
            self._watch("down", self._long_enough)
            self.outage.end()
            self.up_at = time.monotonic()
            self._watch("catching up", self._caught_up)
            if self._caught_up():
                self.caught_at = time.monotonic()
                self._watch("fair", lambda: time.monotonic() > self.caught_at + plan.fair_s)
            live.stop()
            self.seen.append(live.outcome(60))

    def _generator(self, **settings: float) -> Generator:
        rig = self.rig
        return Generator(
            rig.host,
            rig.port,
            self.plan.links,
            "rate",
            cpus=None,
            open_per_s=OPEN_PER_S,
            **settings,
        )

    def _take_away(self) -> None:
        self.outage.begin(self.rig)
        self.down_at = time.monotonic()

    def _fill(self) -> None:
        """The backlog: readings of the time before now, one a second on each link."""
        plan = self.plan
        span_s = math.ceil(plan.backlog / plan.links) + GAP_S
        with self._generator(
            rate=plan.fill_rate, seconds=plan.backlog / plan.fill_rate,
            data_start_s=int(time.time()) - span_s,
        ) as generator:  # fmt: skip
            generator.open()
            generator.go()
            while not generator.wait(LOOK_S):
                self._look("filling")
            self.seen.append(generator.outcome(60))

    def _watch(self, what: str, ended: Callable[[], bool]) -> None:
        end = time.monotonic() + CATCH_UP_LIMIT_S + self.plan.down_s
        while time.monotonic() < end:
            self._look(what)
            if ended():
                return
            time.sleep(LOOK_S)

    def _look(self, what: str) -> None:
        store = self.rig.status().get("store", {})
        hubs = [peak_bytes(each.pid) for each in self.rig.processes("hub")]
        look = Look(
            time.monotonic(), store.get("state", "silent"), store.get("lag_seconds") or 0.0,
            store.get("lag_bytes") or 0, max(hubs, default=0),
        )  # fmt: skip
        self.looks.append(look)
        self._show(
            f"{what}: store {look.state}, behind by {look.lag_s:.0f} s and "
            f"{look.lag_bytes >> 20} MB, hub {look.hub_bytes >> 20} MB"
        )

    def _long_enough(self) -> bool:
        """Down for as long as planned, and seen to be: the hub may not have noticed yet."""
        down_s = time.monotonic() - max(self.down_at, self.live_at)
        looks = [look for look in self.looks if look.at > self.down_at]
        said = _said_unavailable(looks) and _showed_lag(looks)
        return down_s > self.plan.down_s + (0.0 if said else SAID_WITHIN_S)

    def _caught_up(self) -> bool:
        last = self.looks[-1]
        return last.at > self.up_at and last.state == "ok" and last.lag_s <= CAUGHT_LAG_S


def store_down(plan: Plan, folder: Path, show: Show) -> dict[str, Any]:
    """Run the plan; the result as it goes into JSON."""
    limits.check(plan.links)
    began = time.time()
    with tempfile.TemporaryDirectory(prefix="hj212d-weather-", dir=folder) as place:
        own = Path(place) / "store"
        own.mkdir()
        store = backing(plan.engine, own)
        store.start()
        try:
            with Outage(store) as outage:
                if plan.dead:
                    outage.begin(None)
                with Rig(plan.links, folder=folder, store=store.url) as rig:
                    run = _Run(plan, rig, outage, show)
                    run.go()
                    problems = _ended(rig)
            reckoned = reckon(store.url, run.seen, began, time.time())
        finally:
            store.end()
    problems += reckoned.problems + _judged(run)
    return {
        "passed": not problems,
        "problems": problems,
        "plan": msgspec.to_builtins(plan),
        **_measured(run),
        **reckoned.as_dict(),
    }


def _ended(rig: Rig) -> list[str]:
    try:
        status = rig.daemon.terminate()
    except DaemonError as error:
        return [str(error)]
    return [f"serve ended with {status}"] if status else []


def _said_unavailable(looks: list[Look]) -> bool:
    return any(look.state == "unavailable" for look in looks)


def _showed_lag(looks: list[Look]) -> bool:
    return any(look.lag_bytes for look in looks)


def _judged(run: _Run) -> list[str]:
    problems = [text for seen in run.seen for text in seen.problems()]
    down = [look for look in run.looks if run.down_at < look.at <= run.up_at]
    if not _said_unavailable(down):
        problems.append("status never said that the store is unavailable")
    if not _showed_lag(down):
        problems.append("status showed no lag while the store was down")
    if not run.caught_at:
        problems.append(f"the store has not caught up after {CATCH_UP_LIMIT_S:.0f} s")
    return problems


def _measured(run: _Run) -> dict[str, Any]:
    live = run.seen[-1]
    filled = sum(each["acked"] for each in run.seen[:-1])
    acked = live.by_second["acked_by_s"]

    def until(moment: float) -> int:
        """Live frames acknowledged by then."""
        return sum(acked[: max(0, int(moment - run.live_at))])

    behind = filled + until(run.up_at) - until(min(run.down_at, run.up_at))
    # The hub asks again at growing pauses: until it does, nothing can be caught up.
    asked_at = max(
        (look.at for look in run.looks if look.at > run.up_at and look.state != "ok"),
        default=run.up_at,
    )
    caught_s = run.caught_at - asked_at if run.caught_at else math.nan
    brought = behind + until(run.caught_at) - until(run.up_at)
    rate = brought / caught_s if run.caught_at else 0.0
    return {
        "ack_ms": live.latency.summary_ms(),
        "slowest_of_a_second_ms": {
            "fair": _slowest(run, run.live_at, run.down_at),
            "down": _slowest(run, max(run.down_at, run.live_at), run.up_at),
            "catching_up": _slowest(run, run.up_at, run.caught_at),
        },
        "fill_frames_per_s": round(run.seen[0].frames_per_s) if filled else None,
        "fill_ack_ms": run.seen[0].latency.summary_ms() if filled else None,
        "lag_greatest_s": max((look.lag_s for look in run.looks), default=0.0),
        "lag_greatest_bytes": max((look.lag_bytes for look in run.looks), default=0),
        "frames_behind": behind,
        "asked_again_after_s": round(asked_at - run.up_at, 1),
        "catch_up_s": round(caught_s, 1) if run.caught_at else None,
        "catch_up_frames_per_s": round(rate),
        "catch_up_to_live": round(rate / run.plan.rate, 2),
        "hub_peak_mb": max((look.hub_bytes for look in run.looks), default=0) >> 20,
    }


def _slowest(run: _Run, start: float, end: float) -> dict[str, float]:
    """Of the slowest answer of each second: the median and the greatest, in milliseconds."""
    slowest = run.seen[-1].by_second["slowest_us_by_s"]
    first, last = max(0, int(start - run.live_at)), int(end - run.live_at)
    found = [each for each in slowest[first : max(first, last)] if each]
    if not found:
        return {}
    return {"median": round(median(found) / 1e3, 1), "max": round(max(found) / 1e3, 1)}
