"""An event loop whose time and turns the test decides, with real threads beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock


class Loop(Clock):
    """What the hub's services use of the reactor: time, and calls from threads."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Callable[[], Any]] = []

    def callFromThread(self, function: Callable[..., Any], *arguments: Any) -> None:
        """As the reactor's; runs at the next turn."""
        self.asked.append(lambda: function(*arguments))

    def turn(self) -> None:
        """Run what threads asked for."""
        while self.asked:
            self.asked.pop(0)()
