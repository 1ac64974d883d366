"""A disk that fills up, on a real small file system (hj212d/journal/writer.py, commit.py)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest
from lane_samples import encoded, numbers

from hj212d.journal.commit import GroupCommit
from hj212d.journal.errors import State
from hj212d.journal.record import joined
from hj212d.journal.writer import LaneWriter

LIMIT_S = 90.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small file system: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("sync", ["group", "always"])
def test_a_full_disk_loses_nothing(small_disk: Path, sync: str) -> None:
    """Full: the state says so and nothing more is called back. Room again: all goes on, and every
    record is read once; also by a writer that opens while the disk is full."""
    lane = small_disk / "0"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(500_000))
    calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
    states: list[State] = []
    acked: list[int] = []

    def run_until(condition: Callable[[], bool]) -> None:
        while not condition():
            calls.get(timeout=LIMIT_S)()

    with LaneWriter(lane, sync=sync, segment_bytes=100_000, min_free_bytes=0) as writer:  # type: ignore[arg-type]
        commit = GroupCommit(writer, calls.put, lambda state, _: states.append(state))
        number = 0
        while not states:
            commit.submit(
                joined(encoded(number, size=3000)), lambda number=number: acked.append(number)
            )
            number += 1
            run_until(lambda wanted=number: len(acked) == wanted or bool(states))
        assert states == ["full"]
        assert commit.pending_bytes > 0
        assert acked == list(range(number - 1))
        assert numbers(lane) == acked
        assert not commit.close(timeout_s=0.3)

    with LaneWriter(lane, min_free_bytes=0) as writer:
        commit = GroupCommit(writer, calls.put, lambda state, _: states.append(state))
        for again in range(number - 1, number + 50):
            commit.submit(
                joined(encoded(again, size=3000)), lambda again=again: acked.append(again)
            )
        run_until(lambda: len(states) == 2)
        assert states == ["full", "full"]
        assert acked == list(range(number - 1))
        ballast.unlink()
        run_until(lambda: len(acked) == number + 50)
        run_until(lambda: states[-1] == "ok")
        assert commit.close()
        assert numbers(lane) == acked == list(range(number + 50))
    assert numbers(lane) == acked
