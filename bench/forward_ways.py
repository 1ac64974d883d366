"""The three ways of the bench of forwarding: the same frames into the same sink.

The forwarder reads them from the journal (bench/forwarding_once.py). The relay
(bench/native/relay.c) gets them on one TCP connection, from a feeder, and copies them to another,
and the answers back: a plain TCP copy, as socat makes it. The file copy (bench/native/copy.c)
reads them from a file and throws the answers away; it is the feeder, too.
Test: tests/bench/test_bench_forwarding.py.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from bench.native.build import program
from bench.pinning import Processors, pin
from bench.yardstick import ServerProcess
from hj212d.journal.lanes import CURSORS

LIMIT_S = 120.0  # for one way
RELAY_BYTES = 65536  # socat's usual buffer is 8192
_TOLD = re.compile(r"frames=(\d+) bytes=(\d+) seconds=([0-9.]+)")
_COST = re.compile(r"cpu_s=([0-9.]+)")

Mode = Literal["answer", "silent"]
MODES: tuple[Mode, ...] = ("answer", "silent")


class Passage(msgspec.Struct, frozen=True):
    """All frames, once: ``frames`` and ``seconds`` as the sink saw them, from the first byte to
    the last answer; ``cpu_s``: processor time of the process before the sink."""

    frames: int
    seconds: float
    cpu_s: float
    resent: int = 0

    @property
    def frames_per_s(self) -> float:
        """By the wall clock."""
        return self.frames / self.seconds

    @property
    def cpu_us_a_frame(self) -> float:
        """Of one processor."""
        return 1e6 * self.cpu_s / self.frames


class Sink(ServerProcess):
    """The superior platform. ``mode``: "answer" says 9014 to each frame, "silent" nothing."""

    def __init__(self, mode: Mode) -> None:
        super().__init__([str(program("sink")), f"mode={mode}", f"listen={self.host}"])

    def told(self, cpu_s: float, resent: int = 0) -> Passage:
        """Of the connection that has just ended."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        found = _TOLD.match(process.stdout.readline())
        if found is None:
            raise RuntimeError("the sink ended without a word")
        return Passage(int(found[1]), float(found[3]), cpu_s, resent)


def copied(folder: Path, sink: Sink, processors: Processors) -> Passage:
    """From the file."""
    with _copy(folder, sink.port) as process:
        pin(process.pid, processors.server)
        cost = _cost(process)
    return sink.told(cost)


def relayed(folder: Path, sink: Sink, processors: Processors) -> Passage:
    """From connection to connection; the feeder has the sink's processor."""
    words = [str(program("relay")), f"port={sink.port}", f"buffer={RELAY_BYTES}"]
    with _ended(subprocess.Popen(words, stdout=subprocess.PIPE, text=True)) as relay:
        pin(relay.pid, processors.server)
        assert relay.stdout is not None
        port = int(relay.stdout.readline().partition("port=")[2])
        with _copy(folder, port) as feeder:
            pin(feeder.pid, processors.rest)
            _cost(feeder)
        cost = _cost(relay)
    return sink.told(cost)


def forwarded(
    folder: Path, sink: Sink, mode: Mode, frames: int, window: int, processors: Processors
) -> Passage:
    """From the journal's beginning, by the hub's forwarder."""
    for path in (folder / "forward", folder / "journal" / CURSORS):
        shutil.rmtree(path, ignore_errors=True)
    words = [
        str(folder), str(sink.port), "true" if mode == "answer" else "false", str(frames),
        str(LIMIT_S), str(window), ",".join(map(str, processors.server)),
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.forwarding_once", *words],
        stdout=subprocess.PIPE, check=False, timeout=LIMIT_S + 30,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the forwarder was not done: {done.stdout.decode()}")
    own = json.loads(done.stdout)
    return sink.told(own["cpu_s"], own["resent"])


@contextmanager
def _copy(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    words = [str(program("copy")), f"file={folder / 'frames'}", f"port={port}"]
    with _ended(subprocess.Popen(words, stdout=subprocess.PIPE, text=True)) as process:
        yield process


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Whatever happens, it does not outlive the block."""
    with process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def _cost(process: subprocess.Popen[str]) -> float:
    """Processor seconds of a program that says so at its end."""
    words, _ = process.communicate(timeout=LIMIT_S)
    found = _COST.search(words)
    if process.returncode or found is None:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
    return float(found[1])
