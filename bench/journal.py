"""``python -m bench journal``: records a second that the journal makes durable, and reads back.

Each figure stands beside a yardstick of the same run: a bare loop that writes as many bytes of as
many records to a file and syncs as often as the policy must. No daemon, no network.
Test: tests/bench/test_bench_journal.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, get_args

import click
import uvloop

from hj212d.journal.commit import GroupCommit
from hj212d.journal.reader import LaneReader
from hj212d.journal.record import Kind, Record, encode, joined
from hj212d.journal.settings import Sync
from hj212d.journal.writer import LaneWriter

IN_FLIGHT = (1, 16, 256, 2048)
_ROUNDS = 5  # journal and yardstick in turn, so that others on the same disk disturb both


def run(
    folder: Path,
    *,
    seconds: float = 1.0,
    record_bytes: int = 300,
    in_flight: Sequence[int] = IN_FLIGHT,
) -> dict[str, Any]:
    """Measure on the disk of ``folder``, ``seconds`` for each figure.

    For each policy and number of records in flight the medians of some rounds: records and MB a
    second, records per commit, and ``ratio``, the share of the yardstick's records. ``read`` is
    the reader's speed.
    """
    record = encode(Record(Kind.FRAME, time.time_ns() // 1000, 1, raw=bytes(record_bytes)))
    results = []
    for sync in get_args(Sync):
        for count in in_flight:
            lane = folder / f"{sync}-{count}"
            rounds = [
                (
                    _bare(folder / "bare", record, count, sync, seconds / _ROUNDS),
                    *uvloop.run(_journal(lane, record, count, sync, seconds / _ROUNDS)),
                )
                for _ in range(_ROUNDS)
            ]
            rate = median(rate for _, rate, _ in rounds)
            results.append(
                {
                    "sync": sync,
                    "in_flight": count,
                    "records_per_s": round(rate),
                    "mb_per_s": round(rate * len(record) / 1e6, 2),
                    "records_per_commit": round(median(share for _, _, share in rounds), 1),
                    "bare_records_per_s": round(median(bare for bare, _, _ in rounds)),
                    "ratio": round(median(rate / bare for bare, rate, _ in rounds), 3),
                }
            )
    return {
        "record_bytes": record_bytes,
        "seconds": seconds,
        "write": results,
        "read": _read(folder / f"group-{in_flight[-1]}"),
    }


def _bare(path: Path, record: bytes, count: int, sync: Sync, seconds: float) -> float:
    """Records a second of a loop that knows no journal: ``count`` records in one write, synced
    once (group), for each record (always), or not (none)."""
    at_once = 1 if sync == "always" else count
    data = record * at_once
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        done = 0
        elapsed = 0.0
        started = time.perf_counter()
        while not done or elapsed < seconds:
            os.write(fd, data)
            if sync != "none":
                os.fdatasync(fd)
            done += at_once
            elapsed = time.perf_counter() - started
    finally:
        os.close(fd)
        path.unlink()
    return done / elapsed


async def _journal(
    lane: Path, record: bytes, count: int, sync: Sync, seconds: float
) -> tuple[float, float]:
    """Records a second with ``count`` of them in flight, each submitted alone as a frame is and
    followed by the next once it is durable; and records per commit."""
    loop = asyncio.get_running_loop()
    ended = loop.create_future()
    flying = count
    run = joined([record])
    with LaneWriter(lane, sync=sync) as writer:
        commit = GroupCommit(writer, loop.call_soon_threadsafe)
        started = time.perf_counter()
        stop = started + seconds

        def durable() -> None:
            nonlocal flying
            if time.perf_counter() < stop:
                loop.call_soon(commit.submit, run, durable)  # may be durable before it returns
                return
            flying -= 1
            if not flying:
                ended.set_result(None)

        for _ in range(count):
            commit.submit(run, durable)
        await ended
        elapsed = time.perf_counter() - started
        commit.close()
        return commit.records / elapsed, commit.records / commit.commits


def _read(lane: Path) -> dict[str, float]:
    """How fast a reader goes through a lane that was written before."""
    count = 0
    started = time.perf_counter()
    with LaneReader(lane) as reader:
        while found := reader.read():
            count += len(found)
        elapsed = time.perf_counter() - started
        return {
            "records_per_s": round(count / elapsed),
            "mb_per_s": round(reader.position / elapsed / 1e6, 1),
        }


@click.command(help="Journal throughput by sync policy and records in flight.")
@click.option("--seconds", default=1.0, show_default=True, help="For each figure.")
@click.option("--record-bytes", default=300, show_default=True)
@click.option(
    "--dir",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Disk to measure; default: the current folder's.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def main(seconds: float, record_bytes: int, folder: Path | None, as_json: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="hj212d-journal-", dir=folder or Path.cwd()) as here:
        result = run(Path(here), seconds=seconds, record_bytes=record_bytes)
    if as_json:
        click.echo(json.dumps(result))
        return
    columns = list(result["write"][0])
    click.echo("  ".join(columns))
    for row in result["write"]:
        click.echo("  ".join(f"{row[name]:>{len(name)}}" for name in columns))
    read = result["read"]
    click.echo(f"read {read['records_per_s']} records/s, {read['mb_per_s']} MB/s")
