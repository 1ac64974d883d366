"""From readers to messages in the outbox, exactly once: drawn up in a thread, kept in the
registry's.

Many readers are drawn up in pieces, so that neither thread is held for long.
Tests: tests/hub/schedules/test_schedule_service.py.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any, Protocol

from twisted.internet.defer import Deferred, inlineCallbacks

from alerts.schedules.due import Run
from alerts.schedules.recipients import Reader
from hj212d.hub.schedules import keeping
from hj212d.hub.schedules.clock import Now
from store.registry.alert_records import MessageRecord

Steps = Generator[Deferred[Any], Any, Any]
Draw = Callable[[Reader], list[MessageRecord]]

AT_ONCE = 500  # readers


class Slow(Protocol):
    """A thread that may be held up (`SlowWork`)."""

    def defer(self, reactor: Any, work: Callable[[], Any]) -> Deferred[Any]:
        """Do something there."""

    def close(self) -> None:
        """Take no more."""


class Keeping(Protocol):
    """The registry (`RegistryService`)."""

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """Do something in its thread, one transaction."""


class Telling:
    """Shared by all schedules of a hub."""

    def __init__(self, reactor: Any, registry: Keeping, slow: Slow, now: Now) -> None:
        self.registry = registry
        self.now = now
        self._reactor = reactor
        self._slow = slow

    def slowly(self, work: Callable[[], Any]) -> Deferred[Any]:
        """In the thread that asks and draws up."""
        return self._slow.defer(self._reactor, work)

    @inlineCallbacks
    def tell(self, run: Run, readers: Sequence[Reader], draw: Draw, note: str = "") -> Steps:
        """Messages of a run; how many, None when somebody made it already."""
        before = 0
        last: list[MessageRecord] = []
        for first in range(0, len(readers), AT_ONCE):
            if last:
                yield self.registry.call(keeping.add, last)
                before += len(last)
            part = readers[first : first + AT_ONCE]
            last = yield self.slowly(partial(_drawn, part, draw))
        return (yield self.registry.call(keeping.tell, run, last, before, self.now(), note))


def _drawn(readers: Sequence[Reader], draw: Draw) -> list[MessageRecord]:
    return [message for reader in readers for message in draw(reader)]
