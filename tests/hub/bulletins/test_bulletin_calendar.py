"""APScheduler on the hub's event loop: it calls, at the wall's time, on the loop."""

from __future__ import annotations

import threading

from twisted.internet.task import Clock
from waiting import wait_until

from hj212d.hub.bulletins.calendar import Calendar


class Loop(Clock):
    """An event loop of the test's own thread."""

    def callFromThread(self, call: object, *args: object, **named: object) -> None:
        """At once."""
        assert callable(call)
        call(*args, **named)


def test_calls_on_the_loop_and_no_more_after_the_end() -> None:
    """A name that is set again has only its new times."""
    loop = Loop()
    calendar = Calendar(loop)
    called: list[str] = []
    calendar.at("one", lambda: called.append("old"), second="*")
    calendar.at("one", lambda: called.append(threading.current_thread().name), second="*")
    calendar.start()

    def turn() -> bool:
        loop.advance(1.0)
        return len(called) >= 2

    wait_until(turn, "two calls")
    assert set(called) == {threading.current_thread().name}
    calendar.stop()
    assert not [call for call in loop.getDelayedCalls() if call.active()]
    calendar.stop()


def test_a_call_that_fails_does_not_end_the_others() -> None:
    """Its fault is logged by the scheduler."""
    loop = Loop()
    calendar = Calendar(loop)
    called: list[int] = []

    def fail() -> None:
        called.append(0)
        raise ZeroDivisionError

    calendar.at("bad", fail, second="*")
    calendar.start()
    wait_until(lambda: loop.advance(1.0) or len(called) >= 2, "two calls")
    calendar.stop()
