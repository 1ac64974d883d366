"""``python -m bench codec``: the compiled wire against its pure-Python twin, in one process.

Steps: the CRC alone, cutting a stream, cutting and decoding, and from the bytes of journal blocks
to the typed columns of a batch. Both makes work in turn on the same frames, so that others on the
same machine disturb both. No daemon, no disk, no network. Test: tests/bench/test_bench_codec.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median
from typing import Any

import click

from bench import twins
from bench.instruments import envelope, roster, schedule
from hj212d.hub import batch_columns
from hj212d.hub.assemble import Assembler
from hj212d.hub.reread import Rereader
from hj212d.journal.reader import Piece
from hj212d.journal.record import Kind, Record, encode
from hj212d.wire import build
from hj212d.wire.frame import Cut, Device
from hj212d.wire.tolerances import DEFAULT, Tolerance
from hj212d.wire.values import time_text
from store.timeseries import Batch

MAX_SEGMENT_BYTES = 4096
START_S = 1_780_000_000
_READ_BYTES = 65536  # what a listener reads at once
_BLOCK_RECORDS = 256  # records in a block of the journal
_ROUNDS = 5
_AIR = "a34004 a34002 a21026 a21004 a05024 a21005 a01001 a01002 a01006 a01007 a01008 a21003"


def twelve(count: int) -> Iterator[bytes]:
    """Frames of 12 factors with a value and a flag each, one after the other from 500 stations."""
    for number in range(count):
        at = time_text((START_S + number // 500 * 60) * 1_000_000, milliseconds=True)
        values = (
            f"{code}-Rtd={(number * 7.13 + place * 3.7) % 200:.1f},{code}-Flag=N"
            for place, code in enumerate(_AIR.split())
        )
        yield build.frame(
            build.segment(
                qn=at,
                st="22",
                cn="2011",
                pw="123456",
                mn=f"BENCH{number % 500:019d}",
                flag=5,
                cp=f"DataTime={at[:14]};{';'.join(values)}",
            )
        )


def fleet(count: int) -> Iterator[bytes]:
    """What a county's stations say: all versions and periods, a tenth with odd habits."""
    stations = [one for one in roster.make(200, 1) if one.version != "2025"]
    made = 0
    for minute in range(count):
        since = START_S + minute * 60.0
        for station in stations:
            for due in schedule.due(station, since, since + 60.0, 60.0):
                qns = [time_text((START_S + made) * 1_000_000, milliseconds=True)] * 50
                for upload in envelope.uploads(station, due, qns):
                    yield upload.raw
                    made += 1
        if made >= count:
            return


WORKLOADS = {"12 factors": twelve, "fleet": fleet}


class Work:
    """Some frames as a stream, as cuts, and as blocks of the journal."""

    def __init__(self, frames: list[bytes]) -> None:
        self.frames = len(frames)
        self.stream = b"".join(frames)
        self._device = Device()
        self.cuts = self._cut(twins.PYTHON)
        self._segments = [cut.raw[cut.start : cut.end] for cut in self.cuts]
        frames_now = (twins.PYTHON.decode(cut, self._device) for cut in self.cuts)
        records = [
            Record(
                Kind.FRAME,
                START_S * 1_000_000 + number,
                link=1,
                verdict=frame.reason,
                marks=int(frame.repairs),
                raw=frame.raw,
            )
            for number, frame in enumerate(frames_now)
        ]
        self._pieces = []
        position = 0
        for start in range(0, len(records), _BLOCK_RECORDS):
            block = records[start : start + _BLOCK_RECORDS]
            body = b"".join(map(encode, block))
            self._pieces.append(Piece(position, len(block), body))
            position += len(body)

    def crc(self, codec: twins.Codec) -> None:
        """The CRC of each segment."""
        for segment in self._segments:
            codec.crc(segment)

    def cut(self, codec: twins.Codec) -> None:
        """The stream into cuts."""
        self._cut(codec)

    def read(self, codec: twins.Codec) -> None:
        """The stream into frames, each with its texts as Python objects."""
        decode = codec.decode
        for cut in self._cut(codec):
            decode(cut, self._device)

    def columns(self, codec: twins.Codec) -> Batch:
        """Blocks of the journal into the tables of a batch."""
        chosen = batch_columns.BatchColumns
        if codec is not twins.PYTHON:
            from hj212d.hub._columns import BatchColumns as chosen  # type: ignore[assignment]
        with twins.in_use(codec):
            assembler = Assembler(Rereader(lambda _: self._device).as_recorded, chosen)
            entries = [("0", piece) for piece in self._pieces]
            return assembler.batch(entries, {}, clock_tolerance_s=600.0)

    def plain_share(self) -> float:
        """Share of the frames that the compiled modules read by themselves."""
        from hj212d.wire._plain import facts_at

        return sum(facts_at(cut.raw) is not None for cut in self.cuts) / self.frames

    def _cut(self, codec: twins.Codec) -> list[Cut]:
        cutter = codec.cutter(MAX_SEGMENT_BYTES, tolerances)
        cuts: list[Cut] = []
        for start in range(0, len(self.stream), _READ_BYTES):
            cuts += cutter.feed(self.stream[start : start + _READ_BYTES])
        return cuts


def tolerances(_: str) -> Tolerance:
    """What every device of the benchmark may do."""
    return DEFAULT


STEPS: dict[str, Callable[[Work, twins.Codec], object]] = {
    "crc": Work.crc,
    "cut": Work.cut,
    "cut and decode": Work.read,
    "block to columns": Work.columns,
}


def run(*, frames: int = 5000, seconds: float = 1.0) -> dict[str, Any]:
    """Measure each step on each workload, about ``seconds`` for each make of the codec.

    Medians of some rounds: frames and MB a second, nanoseconds a frame, and ``ratio``, how many
    times as fast as the Python one a make is in the same round. ``plain_share``: of the frames,
    those that are read in C; the rest takes the Python way in both makes.
    """
    compiled = twins.compiled()
    makes = [twins.PYTHON] if compiled is None else [twins.PYTHON, compiled]
    results = []
    workloads = {}
    for workload, make_frames in WORKLOADS.items():
        work = Work(list(islice(make_frames(frames), frames)))
        workloads[workload] = {
            "bytes_per_frame": round(len(work.stream) / work.frames),
            "plain_share": None if compiled is None else round(work.plain_share(), 4),
        }
        for step, do in STEPS.items():
            rounds = [
                [_rate(work, do, make, seconds / _ROUNDS) for make in makes]
                for _ in range(_ROUNDS)
            ]
            for number, make in enumerate(makes):
                rate = median(one[number] for one in rounds)
                results.append(
                    {
                        "workload": workload,
                        "step": step,
                        "codec": make.name,
                        "frames_per_s": round(rate),
                        "mb_per_s": round(rate * len(work.stream) / work.frames / 1e6, 1),
                        "ns_per_frame": round(1e9 / rate),
                        "ratio": round(median(one[number] / one[0] for one in rounds), 2),
                    }
                )
    return {
        "frames": frames,
        "seconds": seconds,
        "compiled": compiled is not None,
        "workloads": workloads,
        "results": results,
    }


def _rate(
    work: Work,
    do: Callable[[Work, twins.Codec], object],
    codec: twins.Codec,
    seconds: float,
) -> float:
    """Frames a second of so many passes as fit; one at least."""
    done = 0
    started = time.perf_counter()
    while True:
        do(work, codec)
        done += work.frames
        elapsed = time.perf_counter() - started
        if elapsed >= seconds:
            return done / elapsed


@click.command(help="The compiled wire against its pure-Python twin.")
@click.option("--frames", default=5000, show_default=True, help="In each workload.")
@click.option("--seconds", default=1.0, show_default=True, help="For each figure.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def main(frames: int, seconds: float, as_json: bool) -> None:
    result = run(frames=frames, seconds=seconds)
    if as_json:
        click.echo(json.dumps(result))
        return
    columns = list(result["results"][0])
    widths = [max(len(name), 16 if name == "step" else 10) for name in columns]
    click.echo("  ".join(f"{name:>{width}}" for name, width in zip(columns, widths, strict=True)))
    for row in result["results"]:
        click.echo(
            "  ".join(f"{row[name]:>{width}}" for name, width in zip(columns, widths, strict=True))
        )
    for name, facts in result["workloads"].items():
        share = facts["plain_share"]
        plain = "" if share is None else f", {share:.1%} of them plain"
        click.echo(f"{name}: frames of {facts['bytes_per_frame']} bytes{plain}")
    if not result["compiled"]:
        click.echo("the compiled codec is not built: pip install -e .")
