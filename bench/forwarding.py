"""``python -m bench forward``: how fast a target gets what waits for it, against a copy in C.

A journal is filled by the real writer. The copy (bench/native/copy.c) writes the same frames from
a file into the same sink (bench/native/sink.c), which cuts and answers each; the forwarder reads
the journal, matches the answers and keeps its place. In turn, each time in a fresh process, ours
and the copy on the same one processor, the sink on another. Frames a second are the sink's own
count. Test: tests/bench/test_bench_forwarding.py.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Literal

import click

from bench.ingest import records
from bench.native.build import program
from bench.pinning import Processors, pin, split
from bench.rig import DISK
from bench.statusline import StatusLine
from bench.yardstick import ServerProcess
from hj212d.journal.lanes import CURSORS
from hj212d.journal.record import decode_all
from hj212d.journal.writer import LaneWriter

FRAMES = 300_000
ROUNDS = 5
WINDOW_FRAMES = 8192  # the default of 1024 is half a megabyte, which a fast target often waits for
LIMIT_S = 120.0  # for one way
_BLOCK_RECORDS = 500
_TOLD = re.compile(r"frames=(\d+) bytes=(\d+) seconds=([0-9.]+)")

Mode = Literal["answer", "silent"]
MODES: tuple[Mode, ...] = ("answer", "silent")


class Sink(ServerProcess):
    """The superior platform. ``mode``: "answer" says 9014 to each frame, "silent" nothing."""

    def __init__(self, mode: Mode) -> None:
        super().__init__([str(program("sink")), f"mode={mode}", f"listen={self.host}"])

    def told(self) -> dict[str, Any]:
        """Of the connection that has just ended: frames, bytes, seconds."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        found = _TOLD.match(process.stdout.readline())
        if found is None:
            raise RuntimeError("the sink ended without a word")
        return {
            "frames": int(found[1]),
            "bytes": int(found[2]),
            "seconds": float(found[3]),
        }


def fill(folder: Path, frames: int, devices: int, lanes: int) -> int:
    """Make the journal, and the file of the same frames for the copy; bytes of the file."""
    writers = [LaneWriter(folder / "journal" / str(lane), sync="none") for lane in range(lanes)]
    waiting: list[list[bytes]] = [[] for _ in writers]
    with (folder / "frames").open("wb") as file:
        for number, record in enumerate(records(frames, devices)):
            ((_, found),) = decode_all(record)
            file.write(found.raw + b"\r\n")
            lane = number % devices % lanes
            waiting[lane].append(record)
            if len(waiting[lane]) == _BLOCK_RECORDS:
                writers[lane].append(waiting[lane])
                waiting[lane] = []
    for writer, rest in zip(writers, waiting, strict=True):
        if rest:
            writer.append(rest)
        writer.close()
    return (folder / "frames").stat().st_size


def copied(folder: Path, sink: Sink, processors: Processors) -> dict[str, Any]:
    """The yardstick's way; what the sink saw."""
    words = [str(program("copy")), f"file={folder / 'frames'}", f"port={sink.port}"]
    with subprocess.Popen(words) as process:
        pin(process.pid, processors.server)
        if process.wait(LIMIT_S):
            raise RuntimeError(f"the copy ended with {process.returncode}")
    return sink.told()


def forwarded(
    folder: Path, sink: Sink, mode: Mode, frames: int, window: int, processors: Processors
) -> dict[str, Any]:
    """Our way, from the journal's beginning; what the sink saw, and what the forwarder says."""
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
    return sink.told() | {"own": json.loads(done.stdout)}


def run(
    frames: int,
    devices: int,
    rounds: int,
    *,
    folder: Path,
    lanes: int = 1,
    window: int = WINDOW_FRAMES,
    line: StatusLine | None = None,
) -> dict[str, Any]:
    """The result as it goes into JSON."""
    processors = split()
    result: dict[str, Any] = {
        "frames": frames,
        "devices": devices,
        "lanes": lanes,
        "window_frames": window,
        "rounds": rounds,
        "processors": processors.text,
    }
    with tempfile.TemporaryDirectory(prefix="hj212d-forward-", dir=folder) as made:
        place = Path(made)
        result["frame_bytes"] = round(fill(place, frames, devices, lanes) / frames)
        for mode in MODES:
            with Sink(mode) as sink:
                pin(sink.pid, processors.rest)
                own: list[dict[str, Any]] = []
                yardstick: list[dict[str, Any]] = []
                for number in range(rounds):
                    if line is not None:
                        line.show(f"{mode}, round {number + 1} of {rounds}")
                    yardstick.append(copied(place, sink, processors))
                    own.append(forwarded(place, sink, mode, frames, window, processors))
            result[mode] = _compared(own, yardstick, frames)
    result["passed"] = all(result[mode]["whole"] for mode in MODES)
    return result


def _compared(
    own: list[dict[str, Any]], yardstick: list[dict[str, Any]], frames: int
) -> dict[str, Any]:
    def per_s(one: dict[str, Any]) -> float:
        return float(one["frames"] / one["seconds"])

    ratios = [per_s(ours) / per_s(theirs) for ours, theirs in zip(own, yardstick, strict=True)]
    return {
        "ratio": round(median(ratios), 3),
        "ratios": [round(one, 3) for one in ratios],
        "forward_frames_per_s": round(median(map(per_s, own))),
        "copy_frames_per_s": round(median(map(per_s, yardstick))),
        "forward_cpu_us_a_frame": round(
            median(1e6 * one["own"]["cpu_s"] / frames for one in own), 2
        ),
        "resent": sum(one["own"]["resent"] for one in own),
        "whole": all(one["frames"] == frames for one in (*own, *yardstick)),
    }


@click.command(help="Journal to a superior platform, against a copy in C into the same one.")
@click.option("--frames", default=FRAMES, show_default=True, help="Of 12 values each.")
@click.option("--devices", default=5000, show_default=True)
@click.option("--lanes", default=1, show_default=True, help="Of the journal.")
@click.option("--window", default=WINDOW_FRAMES, show_default=True, help="window_frames.")
@click.option("--rounds", default=ROUNDS, show_default=True)
@click.option(
    "--dir",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=DISK,
    show_default=True,
    help="Disk for the journal.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def main(
    frames: int,
    devices: int,
    lanes: int,
    window: int,
    rounds: int,
    folder: Path,
    as_json: bool,
) -> None:
    with StatusLine() as line:
        result = run(frames, devices, rounds, folder=folder, lanes=lanes, window=window, line=line)
    if as_json:
        click.echo(json.dumps(result))
        return
    for mode in MODES:
        click.echo({"answer": "each frame acknowledged", "silent": "no answers"}[mode])
        for name, value in result[mode].items():
            click.echo(f"  {name:22} {value}")
