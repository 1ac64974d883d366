"""Bounded work off the loop: results, refusals, time-outs."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from stepped_loop import Loop
from waiting import wait_until

from hj212d.hub.slow_work import Busy, SlowWork, TookTooLong


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Blocks work until it is set; set at the end in any case."""
    event = threading.Event()
    yield event
    event.set()


def test_results_and_errors_come_through() -> None:
    """What the work gives or raises reaches the caller, in both forms."""
    slow = SlowWork("t", threads=1, waiting=1, timeout_s=20)
    loop = Loop()
    assert slow.call(lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        slow.call(lambda: 1 // 0)
    results: list[object] = []
    slow.defer(loop, lambda: 7).addCallback(results.append)
    wait_until(lambda: loop.asked)
    loop.turn()
    slow.defer(loop, lambda: 1 // 0).addErrback(lambda f: results.append(f.type))
    wait_until(lambda: loop.asked)
    loop.turn()
    assert results == [7, ZeroDivisionError]
    assert not loop.getDelayedCalls()
    slow.close()


def test_more_than_fits_is_refused_at_once(gate: threading.Event) -> None:
    """Running and waiting places are counted; a place comes back when its work has ended."""
    slow = SlowWork("t", threads=1, waiting=1, timeout_s=20)
    loop = Loop()
    results: list[object] = []
    for _ in range(2):
        slow.defer(loop, gate.wait).addCallback(results.append)
    slow.defer(loop, gate.wait).addErrback(lambda f: results.append(f.type))
    assert results == [Busy]
    with pytest.raises(Busy):
        slow.call(lambda: 1)
    gate.set()
    wait_until(lambda: len(loop.asked) == 2)
    loop.turn()
    assert slow.call(lambda: 1) == 1
    slow.close()


def test_time_out_on_the_loop(gate: threading.Event) -> None:
    """The caller is told in time; the late result is dropped without noise."""
    slow = SlowWork("t", threads=1, waiting=0, timeout_s=3)
    loop = Loop()
    results: list[object] = []
    slow.defer(loop, gate.wait).addErrback(lambda f: results.append(f.type))
    loop.advance(3.1)
    assert results == [TookTooLong]
    with pytest.raises(Busy):
        slow.call(lambda: 1)
    gate.set()
    wait_until(lambda: loop.asked)
    loop.turn()
    assert results == [TookTooLong]
    slow.close()


def test_time_out_in_a_thread(gate: threading.Event) -> None:
    """The same for those who wait in a thread."""
    slow = SlowWork("t", threads=1, waiting=1, timeout_s=0.05)
    with pytest.raises(TookTooLong):
        slow.call(gate.wait)
    slow.close()


def test_the_works_own_time_out_is_no_time_out_of_ours() -> None:
    """A TimeoutError that the work raises goes through as it is."""
    slow = SlowWork("t", threads=1, waiting=1, timeout_s=20)

    def raise_own() -> None:
        raise TimeoutError("own")

    with pytest.raises(TimeoutError, match="own"):
        slow.call(raise_own)
    slow.close()


def test_closed_takes_nothing() -> None:
    """After close every call is refused."""
    slow = SlowWork("t", threads=1, waiting=1, timeout_s=20)
    slow.close()
    with pytest.raises(Busy):
        slow.call(lambda: 1)
