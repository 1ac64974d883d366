"""The load generator: as many processes of bench/native/load.c as the links need, run as one.

Starts them, opens all links, starts the run at one moment, and adds up what they saw. Everything
blocks; a process that fails ends all. Test: tests/bench/test_native.py.
"""

from __future__ import annotations

import os
import queue
import subprocess
import tempfile
import threading
import time
from types import TracebackType
from typing import Any, Literal

import msgspec

from bench.histogram import Histogram
from bench.native.build import program

LINKS_A_PROCESS = 18_000
LINKS_A_SOURCE = 10_000  # of some 28,000 ports that the kernel has for an address
FIRST_SOURCE = 2  # 127.0.0.2 and on
_START_S = 0.05  # all processes have heard the word by then
_END_S = 5.0

Mode = Literal["rate", "closed", "burst", "storm"]


class GeneratorFailed(Exception):
    """A process of the generator ended, or said nothing in time; the text has its words."""


class Opened(msgspec.Struct, frozen=True):
    """What became of the links: ``opened`` connected, ``refused`` not; ``greeted``: answered."""

    opened: int
    refused: int
    greeted: int
    seconds: float


class Outcome(msgspec.Struct):
    """What all processes saw together. Frames are good ones, unless the name says otherwise.

    ``unanswered``: sent, no answer in time. ``wrong``: answers to nothing that was sent, or not
    9014. ``doubled``: a second answer to a frame. ``held``: due, but the link had too many open
    already. ``unsent``: due on a link that was lost. ``behind``: how late the generator itself
    was. ``retries``: connections of a storm that had to be tried again.
    """

    counts: dict[str, int]
    latency: Histogram
    behind: Histogram
    connecting: Histogram
    cpu_s: float
    ran_s: float
    first_sent_ns: int
    last_acked_ns: int
    last_return_ns: int  # when the last link was answered for the first time, or again
    by_second: dict[str, list[int]]
    last_acked: list[tuple[str, int]]  # MN and how many frames it sent

    def __getitem__(self, name: str) -> int:
        return self.counts[name]

    @property
    def acked_s(self) -> float:
        """From the first frame of the run to its last answer."""
        return max(0.0, (self.last_acked_ns - self.first_sent_ns) / 1e9)

    @property
    def frames_per_s(self) -> float:
        """Answered frames of the run a second of :attr:`acked_s`."""
        return self.latency.total / self.acked_s if self.acked_s else 0.0

    def problems(self) -> list[str]:
        """What was not as it must be, a sentence each."""
        texts = {
            "refused": "links refused",
            "lost": "links lost",
            "unanswered": "frames not answered",
            "wrong": "wrong answers",
            "doubled": "frames answered twice",
            "held": "frames not sent, the ones before were not answered",
            "unsent": "frames not sent, their links were lost",
        }
        return [f"{self[name]} {text}" for name, text in texts.items() if self[name]]


class Generator:
    """Use as a context: ``open``, ``go``, ``wait`` until it is true, ``outcome``.

    ``settings`` are those of bench/native/load.c; ``rate`` and ``frames`` are for all links and
    shared out here. ``cpus``: processors that the processes may use.
    """

    def __init__(
        self,
        host: str,
        port: int,
        links: int,
        mode: Mode,
        *,
        cpus: set[int] | None = None,
        **settings: float,
    ) -> None:
        self.links = links
        self.processes: list[subprocess.Popen[str]] = []
        self._cpus = cpus
        self._orders = shares(host, port, links, mode, settings)
        self._heard: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
        self._results: dict[int, dict[str, Any]] = {}
        self._words = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._listening: list[threading.Thread] = []

    def __enter__(self) -> Generator:
        path = program("load")
        for number, orders in enumerate(self._orders):
            process = subprocess.Popen(
                [str(path), *_words(orders)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._words, text=True,
                start_new_session=True,
            )  # fmt: skip
            self.processes.append(process)
            if self._cpus:
                os.sched_setaffinity(process.pid, self._cpus)
            thread = threading.Thread(target=self._listen, args=(number, process), daemon=True)
            thread.start()
            self._listening.append(thread)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self.processes:
            assert process.stdin is not None
            try:
                process.stdin.close()
            except BrokenPipeError:
                continue  # it ended by itself
        for process, thread in zip(self.processes, self._listening, strict=True):
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(_END_S)
            thread.join(_END_S)
            assert process.stdout is not None
            process.stdout.close()
        self._words.close()

    def open(self, timeout_s: float = 300.0) -> Opened:
        """Wait until every link is connected or refused (and greeted, where that was asked)."""
        end = time.monotonic() + timeout_s
        found: list[Opened] = []
        while len(found) < len(self.processes):
            line = self._next(end - time.monotonic())
            if line is None:
                raise GeneratorFailed(f"not all links were open after {timeout_s:.0f} s")
            found.append(msgspec.convert(line[1], Opened, strict=False))
        return Opened(
            sum(each.opened for each in found),
            sum(each.refused for each in found),
            sum(each.greeted for each in found),
            max(each.seconds for each in found),
        )

    def go(self) -> float:
        """Start the run everywhere; when it starts, by ``time.monotonic``."""
        start_ns = time.monotonic_ns() + int(_START_S * 1e9)
        self._tell(f"go {start_ns}\n")
        return start_ns / 1e9

    def stop(self) -> None:
        """End the run now; what is on its way gets its time."""
        self._tell("stop\n")

    def wait(self, timeout_s: float) -> bool:
        """Whether all have ended their run, at the latest after ``timeout_s``."""
        end = time.monotonic() + timeout_s
        while len(self._results) < len(self.processes):
            line = self._next(end - time.monotonic())
            if line is None:
                return False
            self._results[line[0]] = line[1]
        return True

    def outcome(self, timeout_s: float) -> Outcome:
        """What was seen, once all have ended their run; GeneratorFailed when they do not."""
        if not self.wait(timeout_s):
            raise GeneratorFailed(f"the load did not end within {timeout_s:.0f} s")
        return added(list(self._results.values()))

    def _tell(self, line: str) -> None:
        for process in self.processes:
            assert process.stdin is not None
            try:
                process.stdin.write(line)
                process.stdin.flush()
            except BrokenPipeError:
                raise GeneratorFailed(self._last_words()) from None

    def _listen(self, number: int, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._heard.put((number, line))
        self._heard.put((number, ""))

    def _next(self, timeout_s: float) -> tuple[int, dict[str, Any]] | None:
        try:
            number, line = self._heard.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None
        if not line:
            raise GeneratorFailed(self._last_words())
        return number, msgspec.json.decode(line)

    def _last_words(self) -> str:
        self._words.seek(0)
        return f"the load generator ended: {self._words.read().strip() or 'without a word'}"


def _words(orders: dict[str, float | str]) -> list[str]:
    return [
        f"{name}={int(value) if isinstance(value, bool) else value}"
        for name, value in orders.items()
    ]


def shares(
    host: str, port: int, links: int, mode: Mode, settings: dict[str, float]
) -> list[dict[str, float | str]]:
    """Settings of each process; links, rates and frames add up to what was asked."""
    count = -(-links // LINKS_A_PROCESS)
    sources = -(-min(links, LINKS_A_PROCESS) // LINKS_A_SOURCE)
    shared = []
    for number in range(count):
        first = links * number // count
        own = links * (number + 1) // count - first
        orders: dict[str, float | str] = {
            **settings,
            "mode": mode,
            "host": host,
            "port": port,
            "links": own,
            "first_device": first,
            "sources": sources,
            "first_source": FIRST_SOURCE + number * sources,
            "offset": number / count,
        }
        for name in ("rate", "open_per_s"):
            if name in settings:
                orders[name] = settings[name] * own / links
        if "frames" in settings:
            whole = int(settings["frames"])
            orders["frames"] = whole * (first + own) // links - whole * first // links
        if number:
            orders.pop("flood_per_s", None)  # one link floods, not one of each process
        shared.append(orders)
    return shared


def added(results: list[dict[str, Any]]) -> Outcome:
    """One outcome of all processes."""
    histograms = {name: Histogram() for name in ("latency", "behind", "connecting")}
    series: dict[str, list[int]] = {}
    counts: dict[str, int] = {}
    for result in results:
        for name, histogram in histograms.items():
            histogram.add(result[name])
        for name, value in result.items():
            if name.endswith("_by_s"):
                series[name] = _together(series.get(name, []), value, name.startswith("slowest"))
            elif isinstance(value, int) and not name.endswith(("_ns", "_bytes")):
                counts[name] = counts.get(name, 0) + value
    counts["frame_bytes"] = results[0]["frame_bytes"]
    return Outcome(
        counts=counts,
        **histograms,
        cpu_s=sum(each["cpu_s"] for each in results),
        ran_s=max(each["ran_s"] for each in results),
        first_sent_ns=min((n for each in results if (n := each["first_sent_ns"])), default=0),
        last_acked_ns=max(each["last_acked_ns"] for each in results),
        last_return_ns=max(each["last_return_ns"] for each in results),
        by_second=series,
        last_acked=[(mn, sent) for each in results for mn, sent in each["last_acked"]],
    )


def _together(one: list[int], other: list[int], greatest: bool) -> list[int]:
    length = max(len(one), len(other))
    pairs = zip(one + [0] * (length - len(one)), other + [0] * (length - len(other)), strict=True)
    return [max(pair) if greatest else sum(pair) for pair in pairs]
