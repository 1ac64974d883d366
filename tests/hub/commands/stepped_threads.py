"""A loop whose time the test decides and whose threads run at once, in the caller's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock
from twisted.python.failure import Failure


class _NoThreads:
    def callInThreadWithCallback(
        self, on_result: Callable[..., Any], work: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> None:
        """As a thread pool's."""
        try:
            result: Any = work(*args, **kwargs)
        except Exception:  # noqa: BLE001 - a thread pool hands on all
            on_result(False, Failure())
        else:
            on_result(True, result)


class SteppedLoop(Clock):
    """What the services of commands use of a reactor."""

    def getThreadPool(self) -> _NoThreads:
        """One that needs no threads."""
        return _NoThreads()

    def callFromThread(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """At once."""
        function(*args, **kwargs)

    def steps(self, seconds: float, step_s: float = 0.05) -> None:
        """Let time pass in small steps."""
        for _ in range(round(seconds / step_s)):
            self.advance(step_s)
