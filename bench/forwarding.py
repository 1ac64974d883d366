"""``python -m bench forward``: how fast a target gets what waits for it, against a plain TCP copy.

A journal is filled by the real writer. In turn, the forwarder, the relay and the file copy
(bench/forward_ways.py) bring the same frames to the same sink (bench/native/sink.c), which cuts
and answers each; each time in a fresh process, the one under test alone on one processor, the
sink, and the relay's feeder, on another. Frames a second are the sink's own count; a ratio is the
median of the rounds' ratios. Test: tests/bench/test_bench_forwarding.py.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import click

from bench.forward_ways import MODES, RELAY_BYTES, Passage, Sink, copied, forwarded, relayed
from bench.ingest import records
from bench.pinning import pin, split
from bench.rig import DISK
from bench.statusline import StatusLine
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.journal.record import decode_all
from hj212d.journal.writer import LaneWriter

FRAMES = 300_000
ROUNDS = 5
WINDOW_FRAMES = ForwardSettings(name="upper").window
_BLOCK_RECORDS = 500


def fill(folder: Path, frames: int, devices: int, lanes: int) -> int:
    """Make the journal, and the file of the same frames for the copies; bytes of the file."""
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
        "relay_buffer_bytes": RELAY_BYTES,
        "rounds": rounds,
        "processors": processors.text,
    }
    with tempfile.TemporaryDirectory(prefix="hj212d-forward-", dir=folder) as made:
        place = Path(made)
        result["frame_bytes"] = round(fill(place, frames, devices, lanes) / frames)
        for mode in MODES:
            with Sink(mode) as sink:
                pin(sink.pid, processors.rest)
                ways: list[tuple[Passage, Passage, Passage]] = []
                for number in range(rounds):
                    if line is not None:
                        line.show(f"{mode}, round {number + 1} of {rounds}")
                    relay = relayed(place, sink, processors)
                    own = forwarded(place, sink, mode, frames, window, processors)
                    ways.append((own, relay, copied(place, sink, processors)))
            result[mode] = _compared(ways, frames)
    result["passed"] = all(result[mode]["whole"] for mode in MODES)
    return result


def _compared(ways: list[tuple[Passage, Passage, Passage]], frames: int) -> dict[str, Any]:
    """``ratio``: frames a second, share of the relay's; ``ratio_cpu``: frames a second of the
    processor; ``…_file``: the same against the file copy."""
    owns, relays, copies = zip(*ways, strict=True)

    def shares(others: tuple[Passage, ...]) -> tuple[list[float], list[float]]:
        pairs = list(zip(owns, others, strict=True))
        return (
            [round(own.frames_per_s / other.frames_per_s, 3) for own, other in pairs],
            [round(other.cpu_us_a_frame / own.cpu_us_a_frame, 3) for own, other in pairs],
        )

    found: dict[str, Any] = {}
    for name, others in (("", relays), ("_file", copies)):
        by_clock, by_cpu = shares(others)
        found["ratio" + name] = round(median(by_clock), 3)
        found["ratio_cpu" + name] = round(median(by_cpu), 3)
        found["ratios" + name] = by_clock
    for name, passages in (("forward", owns), ("relay", relays), ("file", copies)):
        found[f"{name}_frames_per_s"] = round(median(one.frames_per_s for one in passages))
        found[f"{name}_cpu_us_a_frame"] = round(median(one.cpu_us_a_frame for one in passages), 2)
    found["resent"] = sum(one.resent for one in owns)
    found["whole"] = all(one.frames == frames for way in ways for one in way)
    return found


@click.command(help="Journal to a superior platform, against a plain TCP copy into the same one.")
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
