"""``python -m bench crash``: kill what runs, damage what lies there, and ask the oracle.

Links send numbered frames and repeat each until it is acknowledged, while a random process of the
daemon is killed at random moments; the harness plays systemd and starts a dead supervisor again.
At the end the store must hold what was acknowledged, once and byte for byte. With ``--torn`` and
``--bitflip`` everything is killed and the journal damaged before the restart; with ``--full`` the
disk fills up instead. Exit status 1 when a promise was broken.
Test: tests/system/test_crash.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import click
import msgspec

from bench import damage, ending
from bench.backing import ENGINES, backing
from bench.daemon import Daemon, DaemonError
from bench.fleet import percentiles_ms
from bench.numbered import NumberedFleet
from bench.oracle import Verdict, judge
from bench.statusline import StatusLine
from hj212d.hub.client import ControlError
from store.open import open_store
from store.settings import StoreSettings

ALIVE_S = 60.0  # after each blow: until a frame is acknowledged again, and at the end
SETTLE_S = 1.5  # on a full disk: for answers that were on their way
FULL_S = 2.0
DISK_MB = 64
FRESH_MN = "F4E5F0000000000000000001"

CONFIG = """\
[journal]
segment_bytes = 1048576
min_free_bytes = {min_free_bytes}

[store]
batch_interval_s = 0.3
memory_limit = "512MB"
"""


class Plan(msgspec.Struct, frozen=True):
    """One run. ``blow``: "kill" (one process or all), "torn", "bitflip" or "full". ``store``: an
    engine of bench/backing.py. ``codec``: "python" forces the twin of the compiled wire."""

    links: int = 2000
    blows: int = 50
    blow: str = "kill"
    seed: int = 1
    pause_s: float = 1.0  # mean, between an acknowledgement and the next frame of a link
    gap_s: float = 2.0  # mean, between two blows
    workers: int = 2
    store: str = "duckdb"
    codec: str = ""


class CrashTest:
    """One run on one data folder, with the daemon's log elsewhere. ``say`` gets a line for each
    blow, ``show`` the state."""

    def __init__(
        self,
        plan: Plan,
        data: Path,
        log: Path,
        say: Callable[[str], None] = lambda _: None,
        show: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._plan = plan
        self._say, self._show = say, show
        self._random = Random(plan.seed)
        self._data = data
        config = data.with_name(data.name + ".toml")
        free = 8 << 20 if plan.blow == "full" else 1 << 20
        config.write_text(CONFIG.format(min_free_bytes=free))
        self._backing = backing(plan.store, data)
        self._daemon = Daemon(
            data,
            config=config,
            workers=plan.workers,
            store=self._backing.url,
            environment={"HJ212D_CODEC": plan.codec} if plan.codec else {},
            log=log,
        )
        self._codec = ""
        self._hit: Counter[str] = Counter()
        self._troubles: list[str] = []  # promises broken that the store does not show
        self._recovery_s: list[float] = []
        self._struck = 0.0  # when the last blow fell

    async def run(self) -> dict[str, Any]:
        """The result, as it goes into JSON."""
        began = time.monotonic()
        plan = self._plan
        fleet = NumberedFleet(plan.links, seed=plan.seed, pause_s=plan.pause_s)
        try:
            await asyncio.to_thread(self._backing.start)
            ready = await asyncio.to_thread(self._daemon.start)
            self._codec = (await asyncio.to_thread(self._daemon.control.call, "status"))["codec"]
            async with fleet.on(ready.host, ready.port):
                await self._alive(fleet, "the first start", 0.0)
                for number in range(plan.blows):
                    await self._wait(fleet, self._random.uniform(0.1, 2 * plan.gap_s))
                    await self._blow(fleet, number)
                await self._finish(fleet)
            status = await asyncio.to_thread(self._daemon.terminate)
            if status != 0:
                self._troubles.append(f"serve ended with {status} after SIGTERM")
        except DaemonError as error:
            self._troubles.append(str(error))
        finally:
            await asyncio.to_thread(self._daemon.end)
        try:
            verdict = await asyncio.to_thread(self._judge, fleet)
        finally:
            await asyncio.to_thread(self._backing.end)
        return self._result(fleet, verdict, time.monotonic() - began)

    def _judge(self, fleet: NumberedFleet) -> Verdict:
        store = open_store(self._backing.url, StoreSettings(), read_only=True)
        try:
            return judge(fleet.ledger, store)
        finally:
            store.close()

    def _result(self, fleet: NumberedFleet, verdict: Verdict, seconds: float) -> dict[str, Any]:
        for complaint in fleet.complaints:
            verdict.breach("wrong_reply", complaint)
        for trouble in self._troubles:
            verdict.breach("trouble", trouble)
        return {
            "plan": msgspec.to_builtins(self._plan),
            "codec": self._codec,
            "seconds": round(seconds, 1),
            "hit": dict(self._hit),
            "resent": fleet.resent,
            "connects": fleet.connects,
            "recovery_s": {
                "mean": round(sum(self._recovery_s) / max(1, len(self._recovery_s)), 2),
                "max": round(max(self._recovery_s, default=0.0), 2),
            },
            "reply_ms": percentiles_ms(sorted(fleet.latencies_s)),
            **verdict.as_dict(),
        }

    async def _wait(self, fleet: NumberedFleet, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            fleet.check()
            self._show(
                f"{fleet.up}/{len(fleet.links)} links · {len(fleet.ledger)} frames sent, "
                f"{fleet.acked} acknowledged, {fleet.resent} resent · "
                f"{sum(self._hit.values())}/{self._plan.blows} blows"
            )
            await asyncio.sleep(min(left, 0.2))

    async def _alive(self, fleet: NumberedFleet, after: str, since: float) -> None:
        """Wait until a frame is acknowledged again."""
        end = time.monotonic() + ALIVE_S
        while fleet.last_ack <= since:
            if time.monotonic() > end:
                raise DaemonError(f"no frame is acknowledged {ALIVE_S:.0f} s after {after}")
            await self._wait(fleet, 0.05)
        if since:
            self._recovery_s.append(fleet.last_ack - since)

    async def _blow(self, fleet: NumberedFleet, number: int) -> None:
        match self._plan.blow:
            case "kill":
                what = await asyncio.to_thread(self._kill_one)
            case "torn" | "bitflip":
                what = await asyncio.to_thread(self._damage)
            case "full":
                what = await self._fill(fleet, killing=number % 2 == 1)
            case other:
                raise ValueError(f"no such blow: {other}")
        self._say(f"{number + 1:3} {what}")
        await self._alive(fleet, what, self._struck)

    def _kill_one(self) -> str:
        """Kill a process of a random role, or all."""
        roles = ["supervisor", "hub", "worker", "all", *(["store"] if self._backing.apart else [])]
        role = self._random.choice(roles)
        if role == "store":
            self._backing.kill()
            self._backing.start()
        elif role == "all":
            self._daemon.kill_all()
        else:
            found = [each for each in self._daemon.processes() if each.role == role]
            if not found:
                self._hit[f"{role} was away"] += 1
                return f"no {role} there to kill"
            self._daemon.kill(self._random.choice(found))
        self._struck = time.monotonic()
        self._hit[role] += 1
        tries = self._start_again() if self._daemon.pid is None else 0
        return f"killed {role}" + (", started at the second try" if tries > 1 else "")

    def _start_again(self) -> int:
        """As systemd does it, which tries once more: children of the killed one end by themselves,
        and on a busy machine they hold the folder for longer than a start waits. The tries."""
        try:
            self._daemon.start()
        except DaemonError:
            self._daemon.start()
            return 2
        return 1

    def _damage(self) -> str:
        """Kill everything, damage the journal, start again."""
        self._let_the_hub_lag()
        self._daemon.kill_all()
        self._struck = time.monotonic()
        journal = self._data / "journal"
        if self._plan.blow == "torn":
            what = "; ".join(damage.tear(journal, self._random))
        else:
            what = damage.flip(journal, self._random)
        self._hit[self._plan.blow] += 1
        self._daemon.start()
        return what or "nothing to damage yet"

    def _let_the_hub_lag(self) -> None:
        """Every other time: stop the hub for a moment, so that blocks wait in the journal."""
        hubs = [each for each in self._daemon.processes() if each.role == "hub"]
        if hubs and self._random.random() < 0.5:
            with contextlib.suppress(ProcessLookupError):
                os.kill(hubs[0].pid, signal.SIGSTOP)
            time.sleep(self._random.uniform(0.3, 1.0))

    async def _fill(self, fleet: NumberedFleet, killing: bool) -> str:
        """Fill the disk, see that nothing is acknowledged, perhaps kill, give the room back."""
        ballast = damage.Ballast(self._data.parent)
        taken = await asyncio.to_thread(ballast.fill)
        self._hit["full"] += 1
        what = f"disk filled with {taken} bytes"
        await self._wait(fleet, SETTLE_S)
        before = fleet.acked
        if killing:
            role = self._random.choice(["hub", "worker"])
            for process in self._daemon.processes():
                if process.role == role:
                    self._daemon.kill(process)
            what += f", {role} killed"
            self._hit[role] += 1
        await self._wait(fleet, FULL_S)
        if fleet.acked > before:
            self._troubles.append(f"{fleet.acked - before} frames acknowledged on a full disk")
        ballast.drop()
        self._struck = time.monotonic()
        return what

    async def _finish(self, fleet: NumberedFleet) -> None:
        """All that was sent is acknowledged, and a new frame flows into the store."""
        if not await fleet.quiet(ALIVE_S):
            self._troubles.append(
                f"{fleet.waiting} frames are not acknowledged {ALIVE_S:.0f} s after the last blow"
            )
        fresh = fleet.send_one(FRESH_MN)
        end = time.monotonic() + ALIVE_S
        while fresh.current is not None or not await asyncio.to_thread(self._stored, FRESH_MN):
            if time.monotonic() > end:
                place = "acknowledged" if fresh.current is not None else "in the store"
                self._troubles.append(f"a fresh frame is not {place} after {ALIVE_S:.0f} s")
                return
            await self._wait(fleet, 0.2)

    def _stored(self, mn: str) -> bool:
        try:
            return bool(self._daemon.control.table("frames", mn=mn).num_rows)
        except ControlError:
            return False


@click.command(help="Kill -9, torn blocks, flipped bits, a full disk; an oracle judges.")
@click.option("--links", default=2000, show_default=True)
@click.option("--kills", default=50, show_default=True, help="How many blows.")
@click.option("--gap", default=2.0, show_default=True, help="Mean seconds between two blows.")
@click.option("--pause", default=1.0, show_default=True, help="Mean seconds between frames.")
@click.option("--workers", default=2, show_default=True, help="Listener processes.")
@click.option("--seed", default=1, show_default=True)
@click.option("--store", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@click.option(
    "--codec",
    type=click.Choice(["", "python"]),
    default="",
    help="python: not the compiled wire, even where it was built.",
)
@click.option("--torn", "blow", flag_value="torn", help="Kill all, tear the end of each lane.")
@click.option("--bitflip", "blow", flag_value="bitflip", help="Kill all, flip a bit.")
@click.option("--full", "blow", flag_value="full", help="Fill the disk (needs root).")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    help="Folder for data and log, kept.  [default: a temporary one]",
)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def main(
    context: click.Context,
    links: int,
    kills: int,
    gap: float,
    pause: float,
    workers: int,
    seed: int,
    store: str,
    codec: str,
    blow: str | None,
    keep: Path | None,
    as_json: bool,
) -> None:
    plan = Plan(links, kills, blow or "kill", seed, pause, gap, workers, store, codec)
    with contextlib.ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hj212d-")))
        folder.mkdir(parents=True, exist_ok=True)
        line = stack.enter_context(StatusLine())
        result = run(plan, folder, line.say, line.show)
    if as_json:
        click.echo(json.dumps(result, default=str))
    else:
        for name, value in result.items():
            click.echo(f"{name:15} {value}")
    context.exit(0 if result["passed"] else 1)


def run(
    plan: Plan,
    folder: Path,
    say: Callable[[str], None] = lambda _: None,
    show: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Run a plan in an empty folder; PermissionError when it needs a disk we may not mount."""
    disk = folder / "disk"
    with contextlib.ExitStack() as stack:
        if plan.blow == "full":
            stack.enter_context(damage.small_disk(disk, DISK_MB))
        else:
            disk.mkdir(exist_ok=True)
        return ending.run(CrashTest(plan, disk / "data", folder / "serve.log", say, show).run())
