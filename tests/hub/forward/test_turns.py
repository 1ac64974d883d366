"""Blocking work of a target: one piece after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from stepped_loop import Loop
from waiting import wait_until

from hj212d.hub.forward.turns import Turns


def test_one_after_the_other() -> None:
    """In a pool with room for more; a failure passes the turn on."""
    loop = Loop()
    running: list[int] = []
    most: list[int] = []
    results: list[Any] = []

    def work(number: int) -> int:
        running.append(number)
        most.append(len(running))
        running.remove(number)
        if number == 2:
            raise OSError("no")
        return number

    with ThreadPoolExecutor(4) as pool:
        turns = Turns(loop, pool)
        for number in range(5):
            turns.take(lambda number=number: work(number)).addBoth(results.append)
        assert turns.busy

        def all_done() -> bool:
            loop.turn()
            return len(results) == 5

        wait_until(all_done)
    assert most == [1] * 5
    assert [results[n] for n in (0, 1, 3, 4)] == [0, 1, 3, 4]
    assert results[2].check(OSError)
    assert not turns.busy
