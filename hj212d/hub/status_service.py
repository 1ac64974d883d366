"""Puts the status object together: fresh on the event loop, or the latest one for other threads.

Tests: tests/hub/test_hub_process.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.application.service import Service
from twisted.internet.task import LoopingCall

EVERY_S = 1.0


class StatusService(Service):
    """Keeps the latest status object for threads that must not touch what the loop owns."""

    def __init__(self, reactor: Any, put_together: Callable[[], dict[str, Any]]) -> None:
        self._put_together = put_together
        self._recent: dict[str, Any] | None = None
        self._loop = LoopingCall(self.fresh)
        self._loop.clock = reactor

    def startService(self) -> None:
        """Keep it fresh."""
        Service.startService(self)
        self._loop.start(EVERY_S)

    def stopService(self) -> None:
        """Stop; the latest one stays."""
        Service.stopService(self)
        self._loop.stop()

    def fresh(self) -> dict[str, Any]:
        """The status of this moment; event loop only."""
        self._recent = self._put_together()
        return self._recent

    def recent(self) -> dict[str, Any]:
        """The status of a second ago at the most; any thread, read only."""
        assert self._recent is not None, "asked before the start"
        return self._recent
