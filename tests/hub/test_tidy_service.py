"""The store is let to tidy up, in small steps and good time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from stepped_loop import Loop
from waiting import wait_until

from hj212d.hub.tidy_service import BUSY_S, LEAST_PAUSE_S, REST_S, TidyService
from store.timeseries import StoreUnavailable

NOW_US = 1_780_286_400_000_000
NOON = datetime(2026, 6, 1, 4, 0, 0)


class Rig:
    """A service whose loop the test turns; ``steps``: what each step does."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.steps: list[Callable[[], bool]] = []
        self.moments: list[datetime] = []
        self.calm = True
        self.service = TidyService(self.loop, self.tidy, lambda: self.calm, lambda: NOW_US)

    def tidy(self, now: datetime) -> bool:
        """The store's part."""
        self.moments.append(now)
        return self.steps.pop(0)() if self.steps else False

    def finish_step(self) -> None:
        """Until the thread has told the loop."""
        wait_until(lambda: self.loop.asked)
        self.loop.turn()


@contextmanager
def started(*steps: Callable[[], bool]) -> Iterator[Rig]:
    """A rig that runs, and whose thread is gone at the end."""
    rig = Rig()
    rig.steps = list(steps)
    rig.service.startService()
    yield rig
    ended: list[object] = []
    rig.service.stopService().addBoth(ended.append)
    while not ended:
        rig.finish_step()


def test_steps_follow_with_a_pause_until_all_is_tidy() -> None:
    """A short pause while there is more, a long one then; the store hears the time in UTC."""
    with started(lambda: True, lambda: False) as rig:
        rig.finish_step()
        rig.loop.advance(LEAST_PAUSE_S)
        rig.finish_step()
        assert rig.moments == [NOON, NOON]
        rig.loop.advance(REST_S - 0.1)
        assert rig.service.steps == 2
        rig.loop.advance(0.2)
        rig.finish_step()
        assert rig.service.steps == 3


def test_a_pause_is_as_long_as_the_step() -> None:
    """A slow step does not take more than half of the time."""
    rig = Rig()
    rig.steps = [lambda: bool(rig.loop.advance(3.0)) or True]
    rig.service.startService()
    rig.finish_step()
    rig.loop.advance(2.9)
    assert len(rig.moments) == 1
    rig.loop.advance(0.2)
    rig.finish_step()
    assert len(rig.moments) == 2
    rig.service.stopService()


def test_nothing_is_done_while_the_ingest_is_behind() -> None:
    """It is asked again a little later."""
    rig = Rig()
    rig.calm = False
    rig.service.startService()
    rig.loop.advance(BUSY_S)
    assert rig.moments == []
    rig.calm = True
    rig.loop.advance(BUSY_S)
    rig.finish_step()
    assert len(rig.moments) == 1
    rig.service.stopService()


def test_faults_are_counted_and_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our faults are counted, and logged once in a row; a store that does not serve is none."""

    def fault() -> bool:
        raise ZeroDivisionError

    def gone() -> bool:
        raise StoreUnavailable("gone")

    logged: list[object] = []
    monkeypatch.setattr(
        TidyService, "_log", type("Log", (), {"failure": lambda *words: logged.append(words)})()
    )
    with started(fault, fault, gone, lambda: False, fault) as rig:
        rig.finish_step()
        for _ in range(4):
            rig.loop.advance(REST_S)
            rig.finish_step()
        assert (rig.service.faults, rig.service.steps) == (3, 1)
    assert len(logged) == 2


def test_the_end_waits_for_the_step_and_begins_no_other() -> None:
    """Whoever closes the store afterwards finds nobody in it."""
    leave = threading.Event()
    rig = Rig()
    rig.steps = [lambda: leave.wait(90.0)]
    rig.service.startService()
    wait_until(lambda: rig.moments)
    ended: list[object] = []
    rig.service.stopService().addBoth(ended.append)
    assert ended == []
    leave.set()
    rig.finish_step()
    assert ended
    rig.loop.advance(REST_S)
    assert len(rig.moments) == 1
