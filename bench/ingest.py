"""``python -m bench ingest``: from the journal into the store, as a share of what the engine can.

Makes a journal, brings it in as the hub does, and loads the very same rows with the engine's own
bulk load from Arrow (bench/ingest_once.py), in turn, each time in a fresh process and a fresh
folder. Ratios are between neighbours in time. Test: tests/bench/test_bench_ingest.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import click

from bench.codec import START_S
from bench.ingest_once import ENGINES, WAYS
from bench.rig import DISK
from bench.statusline import StatusLine
from hj212d.journal.record import Kind, Record, encode
from hj212d.journal.writer import LaneWriter
from hj212d.wire import build
from hj212d.wire.values import time_text
from store.settings import StoreSettings

FRAMES = 100_000
LANES = 2
BATCH_BYTES = StoreSettings().batch_bytes
LIMIT_S = 600.0  # for one way into one engine
_BLOCK_RECORDS = 500
_CODES = "a34004 a34002 a21026 a21004 a05024 a21005 a01001 a01002 a01006 a01007 a01008 a21003"


def records(frames: int, devices: int) -> Iterator[bytes]:
    """Journal records of frames of 12 values, a minute apart on each of many devices."""
    codes = _CODES.split()
    per_minute_us = 60_000_000 // devices
    for number in range(frames):
        minute, device = divmod(number, devices)
        at_us = (START_S + minute * 60) * 1_000_000
        values = ";".join(
            f"{code}-Rtd={(device * 13 + number * (place + 3)) % 9973 / 10:.1f},{code}-Flag=N"
            for place, code in enumerate(codes)
        )
        received_us = at_us + device * per_minute_us
        raw = build.frame(
            build.segment(
                qn=time_text(received_us, milliseconds=True), st="22", cn="2011", pw="123456",
                mn=f"1NGE57{device:018d}", flag=5,
                cp=f"DataTime={time_text(at_us, milliseconds=True)[:14]};{values}",
            )
        )  # fmt: skip
        yield encode(Record(Kind.FRAME, received_us, link=device + 1, raw=raw.rstrip(b"\r\n")))


def make_journal(folder: Path, frames: int, devices: int) -> int:
    """Write it, the devices shared out over the lanes; its bytes."""
    lanes: list[list[bytes]] = [[] for _ in range(LANES)]
    for number, record in enumerate(records(frames, devices)):
        lanes[number % devices % LANES].append(record)
    for number, found in enumerate(lanes):
        with LaneWriter(folder / str(number), sync="none") as writer:
            for start in range(0, len(found), _BLOCK_RECORDS):
                writer.append(found[start : start + _BLOCK_RECORDS])
    return sum(len(record) for found in lanes for record in found)


def once(engine: str, way: str, journal: Path, batch_bytes: int) -> dict[str, Any]:
    """One way, in a process and a folder of its own; CalledProcessError when it fails."""
    with tempfile.TemporaryDirectory(prefix="store-", dir=journal.parent) as folder:
        # The copy of the cursor for retention lies in the journal: each way begins without it.
        (journal / "cursors" / "ingest.json").unlink(missing_ok=True)
        words = [engine, way, str(journal), folder, str(batch_bytes)]
        done = subprocess.run(
            [sys.executable, "-m", "bench.ingest_once", *words],
            stdout=subprocess.PIPE, check=True, timeout=LIMIT_S,
        )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run(
    frames: int,
    devices: int,
    rounds: int,
    *,
    folder: Path,
    engines: Sequence[str] = ENGINES,
    batch_bytes: int = BATCH_BYTES,
    line: StatusLine | None = None,
) -> dict[str, Any]:
    """The result as it goes into JSON."""
    with tempfile.TemporaryDirectory(prefix="hj212d-ingest-", dir=folder) as place:
        journal = Path(place) / "journal"
        journal.mkdir()
        size = make_journal(journal, frames, devices)
        seen: dict[str, dict[str, list[dict[str, Any]]]] = {
            engine: {way: [] for way in WAYS} for engine in engines
        }
        for number in range(rounds):
            for engine in engines:
                for way in WAYS:
                    if line is not None:
                        line.show(f"round {number + 1} of {rounds}: {engine}, {way}")
                    seen[engine][way].append(once(engine, way, journal, batch_bytes))
    return {
        "frames": frames,
        "devices": devices,
        "rounds": rounds,
        "journal_bytes": size,
        "batch_bytes": batch_bytes,
        "engines": {engine: _compared(found) for engine, found in seen.items()},
    }


def _compared(found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    own, bare = found["ingest"], found["load"]
    counted = {each["rows"] for each in (*own, *bare)}
    if len(counted) > 1:
        raise RuntimeError(f"the two ways brought in different numbers of rows: {counted}")
    return {
        "rows": counted.pop(),
        "ingest_rows_per_s": round(median(each["rows"] / each["seconds"] for each in own)),
        "load_rows_per_s": round(median(each["rows"] / each["seconds"] for each in bare)),
        "ratio": round(
            median(
                theirs["seconds"] / ours["seconds"] for ours, theirs in zip(own, bare, strict=True)
            ),
            3,
        ),
        "ingest_s": round(median(each["seconds"] for each in own), 3),
        "load_s": round(median(each["seconds"] for each in bare), 3),
        "ingest_peak_mb": max(each["peak_bytes"] for each in own) >> 20,
        "load_peak_mb": max(each["peak_bytes"] for each in bare) >> 20,
    }


@click.command(help="Journal to store, against the engine's own bulk load of the same rows.")
@click.option("--frames", default=FRAMES, show_default=True, help="Of 12 values each.")
@click.option("--devices", default=5000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option(
    "--store", "engines", multiple=True, type=click.Choice(ENGINES), help="Default: all."
)
@click.option("--batch-bytes", default=BATCH_BYTES, show_default=True, help="store.batch_bytes.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=DISK,
    show_default=True,
    help="Disk for journal and store.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def main(
    frames: int,
    devices: int,
    rounds: int,
    engines: Sequence[str],
    batch_bytes: int,
    folder: Path,
    as_json: bool,
) -> None:
    with StatusLine() as line:
        result = run(
            frames, devices, rounds, folder=folder, engines=engines or ENGINES,
            batch_bytes=batch_bytes, line=line,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(result))
        return
    for engine, found in result["engines"].items():
        click.echo(engine)
        for name, value in found.items():
            click.echo(f"  {name:18} {value}")
