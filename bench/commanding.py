"""``python -m bench commanding``: a command to each of many instruments at once, beside a load.

Some links report at a steady rate, others are asked for their clock all at once; how many commands
a second come to their end, and what that does to the answers that the reporting ones get. Both
phases run on one daemon, one after the other. Test: tests/bench/test_commanding.py.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from bench.generator import Generator, Outcome
from bench.instruments.commanded import CommandedFleet, mns
from bench.load_command import prepared, show
from bench.procfs import Cost
from bench.rig import Rig, place, place_options
from bench.statusline import StatusLine

OPEN_PER_S = 4000.0
ASKING_THREADS = 64  # each waits until its command is durable
ASKED_SHARE = 0.8  # of the second phase; the last round may take longer
ENDED_WITHIN_S = 120.0
LOOK_S = 0.05


class Asking:
    """Hands a command to each instrument, in threads, and waits until all have ended; then again,
    for ``seconds``."""

    def __init__(self, rig: Rig, fleet: CommandedFleet, seconds: float) -> None:
        self._rig, self._fleet, self._seconds = rig, fleet, seconds
        self.rounds = 0
        self.taken_s = self.ended_s = 0.0  # over all rounds
        self.wall_s = 0.0  # of the phase
        self.problems: list[str] = []

    @property
    def commands(self) -> int:
        """Handed in so far."""
        return self.rounds * self._fleet.count

    def run(self) -> None:
        """Rounds until the time is over, at least one; a round that does not end is the last."""
        end = time.monotonic() + self._seconds
        while not self.problems and (self.rounds == 0 or time.monotonic() < end):
            self._round()

    def _round(self) -> None:
        self.rounds += 1
        before = self._ended()
        began = time.monotonic()
        with ThreadPoolExecutor(ASKING_THREADS) as threads:
            list(threads.map(self._ask, mns(self._fleet.count)))
        self.taken_s += time.monotonic() - began
        end = began + ENDED_WITHIN_S
        while (count := self._ended() - before) < self._fleet.count:
            if time.monotonic() > end:
                self.problems.append(f"{self._fleet.count - count} commands have not ended well")
                break
            time.sleep(LOOK_S)
        self.ended_s += time.monotonic() - began

    def _ask(self, mn: str) -> None:
        self._rig.daemon.control.call("send", mn=mn, name="read-clock")

    def _ended(self) -> int:
        """Commands that were carried out."""
        return int(self._rig.status().get("commands", {}).get("ended", {}).get("done", 0))


def run(
    links: int,
    rate: float,
    instruments: int,
    seconds: float,
    *,
    folder: Path,
    line: StatusLine | None = None,
) -> dict[str, Any]:
    """The result as it goes into JSON."""
    with Rig(links + instruments, folder=folder) as rig:
        fleet = CommandedFleet(instruments, rig.host, rig.port)
        with fleet.running():
            _tell(line, "the load alone")
            alone, cost_alone = _phase(rig, links, rate, seconds)
            _tell(line, "the load beside the commands")
            asking = Asking(rig, fleet, seconds * ASKED_SHARE)
            beside, cost_beside = _phase(rig, links, rate, seconds, asking)
    problems = [*alone.problems(), *beside.problems(), *asking.problems]
    if fleet.lost or fleet.unexpected:
        problems.append(f"{fleet.lost} instruments lost, {fleet.unexpected} frames unexpected")
    return {
        "passed": not problems,
        "problems": problems,
        "links": links,
        "rate": rate,
        "instruments": instruments,
        "commands": asking.commands,
        "commands_per_s": round(asking.commands / asking.ended_s, 1),
        "taken_per_s": round(asking.commands / asking.taken_s, 1),
        "all_ended_s": round(asking.ended_s / asking.rounds, 2),
        "sent_again": fleet.asked - asking.commands,
        "ack_ms": {"alone": alone.latency.summary_ms(), "beside": beside.latency.summary_ms()},
        "cpu": {"alone": cost_alone, "beside": cost_beside},
        "hub_ms_a_command": round(
            (cost_beside["hub"] - cost_alone["hub"]) * asking.wall_s / asking.commands * 1e3, 2
        ),
    }


def _phase(
    rig: Rig, links: int, rate: float, seconds: float, asking: Asking | None = None
) -> tuple[Outcome, dict[str, float]]:
    """The load for some seconds; what it saw, and the share of a core of each role."""
    with Generator(
        rig.host, rig.port, links, "rate",
        rate=rate, seconds=seconds, open_per_s=OPEN_PER_S, greet=True,
    ) as generator:  # fmt: skip
        generator.open()
        before, began = rig.costs(), time.monotonic()
        generator.go()
        thread = threading.Thread(target=asking.run) if asking else None
        if thread is not None:
            thread.start()
            thread.join()
        seen = generator.outcome(seconds + 30)
        wall_s = time.monotonic() - began
        if asking is not None:
            asking.wall_s = wall_s
        return seen, _shares(before, rig.costs(), wall_s)


def _shares(before: dict[str, Cost], after: dict[str, Cost], wall_s: float) -> dict[str, float]:
    return {
        role: round((after[role].cpu_s - before[role].cpu_s) / wall_s, 4)
        for role in sorted(after)
        if role in before
    }


def _tell(line: StatusLine | None, text: str) -> None:
    if line is not None:
        line.show(text)


@click.command(help="Commands to many instruments at once, beside a load.")
@click.option("--links", default=2000, show_default=True, help="That report.")
@click.option("--rate", default=1200.0, show_default=True, help="Frames a second, all links.")
@click.option("--instruments", default=2000, show_default=True, help="That are asked.")
@click.option("--seconds", default=15.0, show_default=True, help="Each of the two phases.")
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_context
def main(
    context: click.Context,
    links: int,
    rate: float,
    instruments: int,
    seconds: float,
    folder: Path | None,
    tmpfs: bool,
    as_json: bool,
) -> None:
    here = place(folder, tmpfs)
    with prepared(links + instruments) as line:
        result = run(links, rate, instruments, seconds, folder=here, line=line)
    show(context, result, as_json)
