"""The ingest's thread: its pauses, its faults, its end, and what presence is judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from stepped_loop import Loop
from test_live import DEVICES, START_US, batch, frame, table
from waiting import wait_until

from hj212d.hub.ingest import Step
from hj212d.hub.ingest_service import AFTER_FAULT_S, IngestService
from hj212d.hub.live import Live
from store.timeseries import COUNTS, SAMPLES, Batch, StoreUnavailable

NOW_US = START_US + 1_000_000_000_000


class FakeStore:
    """Gives an empty live picture, or is down."""

    down = False

    def devices(self) -> Any:
        """None known."""
        if self.down:
            raise StoreUnavailable("down")
        return table(DEVICES, [])

    def latest(self) -> Any:
        """Nothing."""
        return SAMPLES.empty_table()

    def counts(self) -> Any:
        """Nothing."""
        return COUNTS.empty_table()


class FakeIngest:
    """Does what the test says, step by step."""

    def __init__(self) -> None:
        self.state = "ok"
        self.error = ""
        self.steps: list[Callable[[], Step]] = []
        self.done = 0
        self.closed = False

    def step(self) -> Step:
        """The next one; nothing to do when there is none."""
        self.done += 1
        return self.steps.pop(0)() if self.steps else Step(0, 1.0)

    def close(self) -> None:
        """Note it."""
        self.closed = True


class Rig:
    """A service over fakes, its loop turned by the test."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.store: Any = FakeStore()
        self.ingest = FakeIngest()
        self.live = Live(offline_after_s=900.0, max_mns=10, max_factors=10)
        self.service = IngestService(self.loop, self.store, self.live, lambda: NOW_US)
        self.service.ingest = self.ingest

    def finish_step(self) -> None:
        """Until the thread has told the loop."""
        wait_until(lambda: self.loop.asked)
        self.loop.turn()


@contextmanager
def started() -> Iterator[Rig]:
    """A rig whose thread is gone at the end."""
    rig = Rig()
    try:
        yield rig
    finally:
        ended: list[object] = []
        rig.service.stopService().addBoth(ended.append)
        while not ended:
            rig.finish_step()


def test_pause_and_backlog() -> None:
    """After a step without backlog comes a pause, with one the next step follows at once."""
    with started() as rig:
        rig.ingest.steps = [lambda: Step(5, 0.0), lambda: Step(5, 1.5)]
        rig.service.startService()
        rig.finish_step()
        rig.loop.advance(0)
        rig.finish_step()
        rig.loop.advance(1.4)
        assert rig.ingest.done == 2
        rig.loop.advance(0.2)
        rig.finish_step()
        assert rig.ingest.done == 3


def test_a_fault_of_ours_is_survived() -> None:
    """A step that raises is counted and tried again after a while."""

    def fault() -> Step:
        raise ZeroDivisionError

    with started() as rig:
        rig.ingest.steps = [fault]
        rig.service.startService()
        rig.finish_step()
        assert rig.service.faults == 1
        rig.loop.advance(AFTER_FAULT_S)
        rig.finish_step()
        assert rig.ingest.done == 2


def test_presence_is_frozen_while_the_store_is_down() -> None:
    """Stations do not go offline because we do not look: the moment judged stands still."""
    with started() as rig:
        rig.service.as_of_us = START_US
        rig.ingest.state = "unavailable"
        rig.service.startService()
        rig.finish_step()
        assert rig.service.as_of_us == START_US
        rig.ingest.state = "ok"
        rig.loop.advance(1.0)
        rig.finish_step()
        assert rig.service.as_of_us == NOW_US


@pytest.mark.parametrize("down_first", [False, True])
def test_batches_count_once(down_first: bool) -> None:
    """The live picture is rebuilt before a batch counts in it, also when the store comes late."""
    with started() as rig:
        rig.store.down = down_first

        def commit() -> Step:
            rig.service.observe(batch(frames=[frame(0)], counts=[("A", "frames", "", 1)]))
            return Step(1, 1.0)

        rig.ingest.steps = [commit, commit]
        rig.service.startService()
        rig.finish_step()
        rig.store.down = False
        rig.loop.advance(1.0)
        rig.finish_step()
        found = rig.live.station("A", NOW_US)
        assert found is not None
        assert found["frames"] == (1 if down_first else 2)


def test_the_end_brings_in_the_rest() -> None:
    """Stopping goes on until nothing is left, then closes the journal's files."""
    with started() as rig:
        rig.service.startService()
        rig.finish_step()
        rig.ingest.steps = [lambda: Step(9, 0.0), lambda: Step(9, 0.0), lambda: Step(1, 1.0)]
    assert rig.ingest.steps == []
    assert rig.ingest.closed


def test_nothing_is_read_before_it_may_begin() -> None:
    """Encrypted frames would be stored as unreadable before their keys are known."""
    with started() as rig:
        known: list[str] = []
        rig.service.may_begin = lambda: bool(known)
        rig.service.startService()
        for _ in range(10):
            rig.loop.advance(0.05)
        assert rig.ingest.done == 0
        known.append("keys")
        rig.loop.advance(0.05)
        rig.finish_step()
        assert rig.ingest.done == 1
        known.clear()
        rig.loop.advance(10)
        rig.finish_step()
        assert rig.ingest.done == 2, "once begun it goes on"


def test_whoever_observes_hears_of_each_batch() -> None:
    """Beside the live picture."""
    rig = Rig()
    seen: list[Batch] = []
    rig.service.observers.append(seen.append)
    committed = batch([frame(0)])
    rig.service.observe(committed)
    assert seen == [committed]
