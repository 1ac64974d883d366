"""A thread and a calendar for tests on a clock that they drive: nothing goes on by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred


class Now:
    """A thread that needs none."""

    def defer(self, reactor: Any, work: Callable[[], Any]) -> Deferred[Any]:  # noqa: ARG002
        """At once."""
        return maybeDeferred(work)

    def close(self) -> None:
        """Nothing."""


class Times:
    """A calendar that waits for the test to call."""

    def __init__(self) -> None:
        self.jobs: dict[str, tuple[Callable[[], object], dict[str, str]]] = {}

    def at(self, name: str, call: Callable[[], object], **cron: str) -> None:
        """Remember it."""
        self.jobs[name] = call, cron

    def start(self) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""
