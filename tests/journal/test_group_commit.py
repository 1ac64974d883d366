"""Group commit (hj212d/journal/commit.py)."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest
from failing_disk import FailingDisk
from lane_samples import encoded, numbers

from hj212d.journal.commit import GroupCommit
from hj212d.journal.errors import State
from hj212d.journal.record import joined
from hj212d.journal.writer import LaneWriter

LIMIT_S = 90.0


class Loop:
    """Stands for the owner's loop: what is woken runs when the test says so."""

    def __init__(self) -> None:
        self.calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.wakes = 0

    def wake(self, call: Callable[[], None]) -> None:
        self.wakes += 1
        self.calls.put(call)

    def run_until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.calls.get(timeout=LIMIT_S)()

    def run_what_is_there(self) -> None:
        while True:
            try:
                self.calls.get_nowait()()
            except Empty:
                return


class Bench:
    """A lane with its group commit on a disk that can fail."""

    def __init__(self, lane: Path, **options: object) -> None:
        self.lane = lane
        self.loop = Loop()
        self.disk = FailingDisk()
        self.states: list[tuple[State, str]] = []
        self.acked: list[int] = []
        self.writer = LaneWriter(lane, min_free_bytes=0, disk=self.disk, **options)  # type: ignore[arg-type]
        self.commit = GroupCommit(
            self.writer, self.loop.wake, lambda state, why: self.states.append((state, why))
        )

    def submit(self, *some: int, size: int = 40) -> None:
        self.commit.submit(joined(encoded(*some, size=size)), lambda: self.acked.extend(some))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "0")
    yield made
    made.commit.close(LIMIT_S)
    made.writer.close()


class Gate:
    """Holds the disk's sync until it is opened."""

    def __init__(self, disk: FailingDisk) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()
        disk.before_sync = self._wait

    def _wait(self) -> None:
        self.reached.set()
        assert self.open.wait(LIMIT_S)


def test_all_that_waits_is_one_block(bench: Bench) -> None:
    """What is submitted while a sync runs becomes durable with one sync more and one wake, and is
    said in order; nothing is said before."""
    bench.submit(0)
    bench.loop.run_until(lambda: bench.acked == [0])
    gate = Gate(bench.disk)
    bench.submit(1)
    assert gate.reached.wait(LIMIT_S)
    for number in range(2, 200):
        bench.submit(number)
    assert bench.commit.pending_bytes == sum(map(len, encoded(*range(1, 200))))
    assert bench.loop.calls.empty()
    wakes, syncs = bench.loop.wakes, bench.disk.syncs
    gate.open.set()
    bench.loop.run_until(lambda: len(bench.acked) == 200)
    assert bench.acked == list(range(200))
    assert bench.disk.syncs - syncs == 2
    assert bench.loop.wakes - wakes == 2
    assert bench.commit.pending_bytes == 0
    assert numbers(bench.lane) == list(range(200))
    status = bench.commit.status()
    assert (status.records, status.commits, status.segments) == (200, 3, 1)
    assert status.end == status.durable
    assert status.bytes == sum(map(len, encoded(*range(200))))
    assert status.disk_bytes == next(bench.lane.glob("*.seg")).stat().st_size


@pytest.mark.parametrize("sync", ["always", "none"])
def test_other_kinds_of_sync(tmp_path: Path, sync: str) -> None:
    """always: as many syncs as records; none: not one for a block."""
    bench = Bench(tmp_path / "0", sync=sync)
    for number in range(30):
        bench.submit(number)
    bench.loop.run_until(lambda: len(bench.acked) == 30)
    made = 2 + len(list(bench.lane.glob("*.seg")))  # the mark, and each segment's header
    assert bench.disk.syncs <= made + 30
    assert bench.disk.syncs >= 30 if sync == "always" else bench.disk.syncs <= made
    assert bench.commit.close()
    bench.writer.close()
    assert numbers(bench.lane) == list(range(30))


@pytest.mark.parametrize(
    ("call", "number", "state"),
    [("write", errno.ENOSPC, "full"), ("sync", errno.EIO, "failed")],
)
def test_nothing_is_said_while_the_disk_refuses(
    bench: Bench, call: str, number: int, state: State
) -> None:
    """The state tells, the records wait, and when the disk works again all is said once."""
    bench.submit(0)
    bench.loop.run_until(lambda: bench.acked == [0])
    bench.disk.plan[call] = [number] * 1000
    for some in range(1, 50):
        bench.submit(some)
    bench.loop.run_until(lambda: bool(bench.states))
    assert bench.commit.state == bench.states[0][0] == state
    assert bench.commit.why
    assert bench.acked == [0]
    assert bench.commit.pending_bytes > 0
    bench.disk.plan.clear()
    bench.loop.run_until(lambda: len(bench.acked) == 50)
    bench.loop.run_until(lambda: bench.states[-1] == ("ok", ""))
    assert bench.acked == list(range(50))
    assert bench.commit.pending_bytes == 0
    assert numbers(bench.lane) == list(range(50))


def test_always_says_what_came_through(tmp_path: Path) -> None:
    """With a sync for each record a failure in the middle of a batch neither holds the first
    ones back nor writes them twice, and a call is done only when all of its records are."""
    bench = Bench(tmp_path / "0", sync="always")
    bench.submit(0)
    bench.loop.run_until(lambda: bench.acked == [0])
    gate = Gate(bench.disk)
    bench.submit(1)
    assert gate.reached.wait(LIMIT_S)
    bench.submit(2, 3)
    bench.submit(4, 5, 6)
    bench.disk.plan["sync"] = [0, 0, 0, 0, *[errno.EIO] * 1000]
    gate.open.set()
    bench.loop.run_until(lambda: bool(bench.states))
    assert bench.acked == [0, 1, 2, 3]
    assert bench.commit.pending_bytes == sum(map(len, encoded(5, 6)))
    bench.disk.plan.clear()
    bench.loop.run_until(lambda: len(bench.acked) == 7)
    assert bench.commit.close()
    bench.writer.close()
    assert numbers(bench.lane) == list(range(7))


def test_large_submissions_pass(bench: Bench) -> None:
    """More than a commit takes at once goes through in order."""
    for number in range(24):
        bench.submit(number, size=1 << 20)
    bench.loop.run_until(lambda: len(bench.acked) == 24)
    assert bench.acked == list(range(24)) == numbers(bench.lane)


def test_one_that_raises_does_not_silence_the_others(bench: Bench) -> None:
    """An error in a callback goes to the loop, and the callbacks behind it still run."""
    gate = Gate(bench.disk)
    bench.submit(0)
    assert gate.reached.wait(LIMIT_S)
    bench.submit(1)

    def broken() -> None:
        raise ZeroDivisionError

    bench.commit.submit(joined(encoded(2)), broken)
    bench.submit(3)
    gate.open.set()
    with pytest.raises(ZeroDivisionError):
        bench.loop.run_until(lambda: False)
    bench.loop.run_until(lambda: len(bench.acked) == 3)
    assert bench.acked == [0, 1, 3]


def test_closing_commits_what_waits(tmp_path: Path) -> None:
    """All that was submitted is durable when close returns True; later submissions are refused."""
    bench = Bench(tmp_path / "0")
    for number in range(500):
        bench.submit(number)
    assert bench.commit.close(LIMIT_S)
    assert bench.commit.close(LIMIT_S)
    bench.loop.run_what_is_there()
    assert bench.acked == list(range(500))
    with pytest.raises(RuntimeError):
        bench.submit(1)
    bench.writer.close()
    assert numbers(bench.lane) == list(range(500))


def test_closing_on_a_full_disk_gives_up(tmp_path: Path) -> None:
    """close ends in time, says so, and nothing that is not durable was said to be."""
    bench = Bench(tmp_path / "0")
    bench.disk.plan["write"] = [errno.ENOSPC] * 1000
    bench.submit(1)
    assert not bench.commit.close(timeout_s=0.2)
    bench.loop.run_what_is_there()
    assert bench.acked == []
    bench.writer.close()
    assert numbers(bench.lane) == []
