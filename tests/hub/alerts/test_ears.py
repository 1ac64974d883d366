"""Somebody listens since the oldest worker that is there began."""

from __future__ import annotations

import os
import time
from typing import Any

from hj212d.hub.alerts.ears import Ears, began_us

NOW = 1_780_286_400_000_000


def row(pid: int, *, connected: bool = True, state: str = "ok") -> dict[str, Any]:
    """Of one worker."""
    return {"pid": pid, "connected": connected, "journal_state": state}


def test_the_oldest_that_listens() -> None:
    """One that is not there, or cannot write, hears nothing."""
    rows = [row(1, connected=False), row(2, state="full"), row(3), row(4), {"pid": 5} | row(5)]
    began = {1: 10, 2: 20, 3: 30, 4: 40, 5: 50}
    ears = Ears(lambda: rows, lambda: NOW, began.get)
    assert ears.begun_us() == 30
    rows[:] = rows[:2]
    assert ears.begun_us() is None


def test_a_process_that_nobody_knows() -> None:
    """It listens since it was first seen."""
    now = NOW
    ears = Ears(lambda: [row(7)], lambda: now, lambda _: None)
    assert ears.begun_us() == NOW
    now += 5
    assert ears.begun_us() == NOW


def test_when_a_process_began() -> None:
    """This one: a while ago, and not before the machine."""
    now = time.time_ns() // 1000
    began = began_us(os.getpid(), now)
    assert began is not None
    boot = now - time.clock_gettime(time.CLOCK_BOOTTIME) * 1e6
    assert boot <= began <= now
    assert began_us(2**22 + 1, now) is None


def test_a_clock_that_is_set() -> None:
    """By hours: what was heard before has other times, so listening begins anew; slewing and a
    long pause do not."""
    clock = {"now": NOW, "steady": 5}
    ears = Ears(lambda: [row(7)], lambda: clock["now"], lambda _: 10, lambda: clock["steady"])
    assert ears.begun_us() == 10
    clock.update(now=NOW + 3_600_000_000, steady=3_601_000_000)
    assert ears.begun_us() == 10
    for by in (7_200_000_000, -7_200_000_000):
        clock["now"] += by
        assert ears.begun_us() == clock["now"]
