"""``python -m bench forwards``: three platforms get what arrives, while the hub is killed.

One is steady; one is dead for most of the run; one closes connections at random and answers late.
Numbered frames go in through real links until there are enough of them; the hub is killed with
SIGKILL at random moments. At the end each platform must have got exactly the frames of its filter,
byte for byte, and those of an MN in order. How often a frame came twice is counted: at the steady
one it may be no more than was on its way at a kill. Exit status 1 when a promise was broken.
Test: tests/system/test_forwarding.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import click
import msgspec

from bench import ending
from bench.daemon import Daemon
from bench.numbered import NumberedFleet
from bench.oracle import Sent
from bench.statusline import StatusLine
from bench.superior import Manner, Superior

SETTLE_S = 120.0
SHOWN = 10
WINDOW = 256

CONFIG = """\
[journal]
segment_bytes = 4194304

[store]
memory_limit = "512MB"
"""
TARGET = """
[[forward]]
name = "{name}"
host = "127.0.0.1"
port = {port}
window_frames = {window}
timeout_s = {timeout_s}
backoff_first_s = 0.2
backoff_last_s = 2.0
start = "oldest"
{more}
"""


class Plan(msgspec.Struct, frozen=True):
    """One run: so many frames over so many links, with so many kills of the hub."""

    frames: int = 100_000
    links: int = 400
    kills: int = 20
    seed: int = 1
    pause_s: float = 0.2


class Target(msgspec.Struct):
    """A platform, and what it must get."""

    name: str
    platform: Superior
    takes: Callable[[Sent], bool]
    more: str = ""
    timeout_s: float = 5.0


class Forwards:
    """One run in an empty folder."""

    def __init__(
        self, plan: Plan, folder: Path, show: Callable[[str], None] = lambda _: None
    ) -> None:
        self._plan = plan
        self._folder = folder
        self._show = show
        self._random = Random(plan.seed)
        self._kills = 0
        self._breaches: list[str] = []
        self._outage_s = 0.0

    async def run(self) -> dict[str, Any]:
        """The result, as it goes into JSON."""
        plan = self._plan
        began = time.monotonic()
        with contextlib.ExitStack() as stack:
            targets = self._targets(stack)
            config = self._folder / "hub.toml"
            config.write_text(CONFIG + "".join(map(_section, targets)))
            targets[1].platform.close()
            daemon = Daemon(self._folder / "data", config=config, workers=2)
            stack.callback(daemon.end)
            ready = await asyncio.to_thread(daemon.start)
            fleet = NumberedFleet(plan.links, seed=plan.seed, pause_s=plan.pause_s)
            async with fleet.on(ready.host, ready.port):
                await self._send(fleet, daemon, targets)
                if not await fleet.quiet(SETTLE_S):
                    self._breaches.append(f"{fleet.waiting} frames were never acknowledged")
            sent = list(fleet.ledger)
            await self._settle(targets, sent)
            rows = (await asyncio.to_thread(daemon.control.call, "forwards"))["forwards"]
            status = await asyncio.to_thread(daemon.terminate)
            if status != 0:
                self._breaches.append(f"serve ended with {status} after SIGTERM")
            judged = {target.name: self._judge(target, sent) for target in targets}
        for row in rows:
            judged[row["name"]]["resent"] = row["resent"]
        return {
            "plan": msgspec.to_builtins(plan),
            "seconds": round(time.monotonic() - began, 1),
            "frames": len(sent),
            "kills": self._kills,
            "outage_s": round(self._outage_s, 1),
            "targets": judged,
            "breaches": self._breaches[:SHOWN],
            "passed": not self._breaches,
        }

    def _targets(self, stack: contextlib.ExitStack) -> list[Target]:
        seed = self._plan.seed
        steady, dead, flapping = (stack.enter_context(Superior(seed=seed + n)) for n in range(3))
        flapping.manner = Manner(delay_s=0.05, closes=0.002)
        return [
            Target("steady", steady, lambda _: True),
            Target("dead", dead, lambda sent: sent.mn[-1] in "02468", _mns("02468")),
            Target(
                "flapping",
                flapping,
                lambda sent: sent.mn[-1] not in "0123",
                _mns("0123", key="not_mn"),
            ),
        ]

    async def _send(self, fleet: NumberedFleet, daemon: Daemon, targets: list[Target]) -> None:
        """Until there are enough frames; the dead one comes back near the end."""
        plan = self._plan
        down_since = time.monotonic()
        kill_at = sorted(self._random.uniform(0.05, 1.1) for _ in range(plan.kills))
        opened = False
        while len(fleet.ledger) < plan.frames or not opened or kill_at:
            done = len(fleet.ledger) / plan.frames
            fleet.issuing = done < 1 or bool(kill_at)
            if kill_at and done >= kill_at[0]:
                kill_at.pop(0)
                await asyncio.to_thread(self._kill, daemon)
            if not opened and done >= 0.8:
                targets[1].platform.open()
                self._outage_s = time.monotonic() - down_since
                opened = True
            self._show(self._line(fleet, targets))
            await asyncio.sleep(0.02)
        fleet.issuing = False

    def _kill(self, daemon: Daemon) -> None:
        for process in daemon.processes():
            if process.role == "hub":
                daemon.kill(process)
                self._kills += 1

    async def _settle(self, targets: list[Target], sent: list[Sent]) -> None:
        """Wait until all have what they must, or nothing comes any more."""
        wanted = [sum(map(target.takes, sent)) for target in targets]
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end:
            if all(
                len(target.platform.received) >= count
                for target, count in zip(targets, wanted, strict=True)
            ):
                break
            self._show(" · ".join(f"{t.name} {len(t.platform.received)}" for t in targets))
            await asyncio.sleep(0.1)
        # What would be too much comes, if it comes, with the acknowledgements that are on their
        # way now.
        await asyncio.sleep(1.0)

    def _judge(self, target: Target, sent: list[Sent]) -> dict[str, Any]:
        platform = target.platform
        expected = {(one.mn, one.qn, "2011"): one for one in sent if target.takes(one)}
        got = {one.key: one.raw for one in platform.received}
        doubled = sum(platform.doubled.values())
        found = {
            "expected": len(expected),
            "received": len(got),
            "missing": len(expected.keys() - got.keys()),
            "strange": len(got.keys() - expected.keys()),
            "altered": sum(got[key] != one.raw for key, one in expected.items() if key in got),
            "out_of_order": _out_of_order(platform, expected),
            "doubled": doubled,
            "broken": platform.broken,
            "connections": platform.connects,
        }
        for name in ("missing", "strange", "altered", "out_of_order", "broken"):
            if found[name]:
                self._breaches.append(f"{target.name}: {found[name]} frames {name}")
        if target.name == "steady" and doubled > self._kills * WINDOW:
            self._breaches.append(f"steady: {doubled} frames twice after {self._kills} kills")
        return found

    def _line(self, fleet: NumberedFleet, targets: list[Target]) -> str:
        got = ", ".join(f"{t.name} {len(t.platform.received)}" for t in targets)
        return f"{len(fleet.ledger)} frames sent, {self._kills} kills · {got}"


def _section(target: Target) -> str:
    return TARGET.format(
        name=target.name,
        port=target.platform.port,
        window=WINDOW,
        timeout_s=target.timeout_s,
        more=target.more,
    )


def _mns(ends: str, key: str = "mn") -> str:
    patterns = ", ".join(f'"*{end}"' for end in ends)
    return f"{key} = [{patterns}]"


def _out_of_order(platform: Superior, expected: dict[Any, Sent]) -> int:
    """Frames that arrived behind a later one of their MN."""
    last: dict[str, int] = {}
    wrong = 0
    for one in platform.received:
        sent = expected.get(one.key)
        if sent is None:
            continue
        wrong += sent.sequence < last.get(sent.mn, -1)
        last[sent.mn] = max(sent.sequence, last.get(sent.mn, -1))
    return wrong


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="hj212d-") as made:
        yield Path(made)


def run(plan: Plan, folder: Path, show: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Run a plan in an empty folder."""
    return ending.run(Forwards(plan, folder, show).run())


@click.command(help="Three platforms, one of them dead, one flapping; the hub is killed.")
@click.option("--frames", default=100_000, show_default=True)
@click.option("--links", default=400, show_default=True)
@click.option("--kills", default=20, show_default=True, help="Of the hub, with SIGKILL.")
@click.option("--pause", default=0.2, show_default=True, help="Mean seconds between frames.")
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    help="Folder for data and log, kept.  [default: a temporary one]",
)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def main(
    context: click.Context,
    frames: int,
    links: int,
    kills: int,
    pause: float,
    seed: int,
    keep: Path | None,
    as_json: bool,
) -> None:
    with _folder(keep) as folder, StatusLine() as line:
        result = run(Plan(frames, links, kills, seed, pause), folder, line.show)
    if as_json:
        click.echo(json.dumps(result))
    else:
        for name, value in result.items():
            if name == "targets":
                for target, figures in value.items():
                    click.echo(f"{target:12} {figures}")
            else:
                click.echo(f"{name:12} {value}")
    context.exit(0 if result["passed"] else 1)
